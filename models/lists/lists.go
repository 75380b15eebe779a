package lists

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// NumberIdentity is a customer's number in the shop's own lists.
const NumberIdentity models.IdentityKind = "number"

// What becomes of a row.
const (
	New     = "new"       // a new customer begins
	Joined  = "joined"    // it is a known customer's: an address, a name or a note is added
	Several = "several"   // its addresses are of several customers: joined where the evidence allows, else suggested
	Same    = "unchanged" // imported before, just as it is
	Erased  = "erased"    // of somebody who was erased: left out
	Invalid = "invalid"   // nothing to recognise anybody by
	Failed  = "failed"
)

// Outcome is what becomes of one row.
type Outcome struct {
	Row
	What       string
	CustomerID models.ID
	Problems   []string // values that cannot be what they should be, or why it failed
}

// Importer brings lists in through the single door.
type Importer struct {
	Store  *store.Store
	Ingest func(context.Context, models.Inbound) (models.Ingested, error)
}

// Run reads a file's rows and imports them, or with dry only tells what would happen. tell gets each row's
// outcome, one at a time, in no certain order. The same file again changes nothing; a row that has
// changed since brings in what is new in it. Rows go by the evidence ladder: an owner's list asserts.
func (im *Importer) Run(ctx context.Context, f *File, m Mapping, dry bool, tell func(Outcome) error) error {
	if f.Kind == "csv" {
		if err := m.Check(f.Columns); err != nil {
			return err
		}
	}
	country, _, err := store.Setting(im.Store.Read(ctx), "country")
	if err != nil {
		return err
	}
	channel, err := im.channel(ctx, dry)
	if err != nil {
		return err
	}
	run := running{Importer: im, channel: channel, country: country, dry: dry, seen: map[[8]byte]bool{}}
	return run.all(ctx, f, m, tell)
}

// channel is the internal channel that rows come by; with dry zero while there is none yet.
func (im *Importer) channel(ctx context.Context, dry bool) (id models.ID, err error) {
	if id, err = store.HiddenChannel(im.Store.Read(ctx), "import"); err != nil || id != 0 || dry {
		return id, err
	}
	err = im.Store.Write(ctx, func(tx *store.Tx) error {
		if id, err = store.HiddenChannel(tx, "import"); err == nil && id == 0 {
			id, err = store.AddHiddenChannel(tx, "import", "Imported lists")
		}
		return err
	})
	return id, err
}

type running struct {
	*Importer
	channel models.ID
	country string
	dry     bool

	mu   sync.Mutex
	seen map[[8]byte]bool // addresses of rows above, for a dry run
}

// atOnce is how many rows wait for the disk together: they share its commits.
const atOnce = 16

func (r *running) all(ctx context.Context, f *File, m Mapping, tell func(Outcome) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	rows := make(chan Row)
	var wg sync.WaitGroup
	var telling sync.Mutex
	workers := atOnce
	if r.dry {
		workers = 1
	}
	for range workers {
		wg.Go(func() {
			for row := range rows {
				out := r.one(ctx, row)
				telling.Lock()
				if err := tell(out); err != nil {
					stop(err)
				}
				telling.Unlock()
			}
		})
	}
	err := f.Each(m, func(row Row) error {
		select {
		case rows <- row:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(rows)
	wg.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

func (r *running) one(ctx context.Context, row Row) Outcome {
	out := Outcome{Row: row}
	hints := r.hints(&out)
	var err error
	if out.What == "" {
		err = r.look(ctx, &out, hints)
	}
	if err == nil && !r.dry && out.What != Same && out.What != Invalid {
		err = r.bring(ctx, &out, hints)
	}
	if err != nil {
		out.What, out.Problems = Failed, append(out.Problems, err.Error())
	}
	return out
}

// hints are a row's addresses; what cannot be one is a problem, and left out.
func (r *running) hints(out *Outcome) (hints []models.Hint) {
	add := func(kind models.IdentityKind, values ...string) {
		for _, v := range values {
			if v == "" {
				continue
			}
			if _, ok := identity.Normalise(kind, v, r.country); !ok {
				out.Problems = append(out.Problems, string(kind)+" "+v)
				continue
			}
			hints = append(hints, models.Hint{Kind: kind, Value: v, Evidence: models.Asserted, Reason: "a list that the shop imported"})
		}
	}
	add(NumberIdentity, out.Number)
	add(models.EmailIdentity, out.Emails...)
	add(models.PhoneIdentity, out.Phones...)
	if len(hints) == 0 {
		out.What = Invalid
	}
	return hints
}

// look tells what would happen to a row now.
func (r *running) look(ctx context.Context, out *Outcome, hints []models.Hint) error {
	q := r.Store.Read(ctx)
	if r.channel != 0 {
		if seen, err := store.HasReceipt(q, r.channel, rowKey(out.Row)); err != nil || seen {
			out.What = Same
			return err
		}
	}
	owners, above := map[models.ID]bool{}, false
	var macs [][]byte
	for _, h := range hints {
		normal, _ := identity.Normalise(h.Kind, h.Value, r.country)
		at, err := store.IdentitiesAt(q, h.Kind, "", normal)
		if err != nil {
			return err
		}
		if len(at) > 0 && at[0].Evidence != models.Typed {
			owners[at[0].CustomerID], out.CustomerID = true, at[0].CustomerID
		}
		macs = append(macs, r.Store.Vault.AddressMAC(h.Kind, "", normal))
		above = r.above(macs[len(macs)-1]) || above
	}
	erased, err := store.ErasedAmong(q, macs)
	switch {
	case err != nil:
		return err
	case len(owners) > 1:
		out.What = Several
	case len(owners) == 1 || above:
		out.What = Joined
	case len(erased) > 0:
		out.What = Erased
	default:
		out.What = New
	}
	return nil
}

// above tells whether a row above has the address, and remembers it.
func (r *running) above(mac []byte) bool {
	if !r.dry {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := [8]byte(mac)
	was := r.seen[key]
	r.seen[key] = true
	return was
}

func (r *running) bring(ctx context.Context, out *Outcome, hints []models.Hint) error {
	raw, err := json.Marshal(map[string]any{"name": out.Name, "emails": out.Emails, "phones": out.Phones, "language": out.Language, "notes": out.Notes, "number": out.Number})
	if err != nil {
		return err
	}
	done, err := r.Ingest(ctx, models.Inbound{ChannelID: r.channel, ExternalID: rowKey(out.Row), Hints: hints, Name: out.Name, Language: out.Language,
		Payload: &models.PersonIn{Listed: true, Notes: out.Notes}, Raw: raw, RawType: "application/json"})
	switch {
	case err != nil:
		return err
	case done.Erased:
		out.What = Erased
	case done.Duplicate:
		out.What = Same
	default:
		out.CustomerID = done.CustomerID
	}
	return nil
}

// rowKey names a row by what it says: the duplicate key. Where it stands in the file does not count.
func rowKey(r Row) string {
	r.Line = 0
	b, err := json.Marshal([]any{r.Name, r.Emails, r.Phones, r.Language, r.Notes, r.Number})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return "row:" + hex.EncodeToString(sum[:16])
}

package staff

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/lists"
	"onethread/models/store"
	"onethread/views"
)

// Lists brings customers in from files. A file waits as an upload of who gave it, for a day; the work goes
// on after the request, and a server that stops meanwhile loses nothing: the same file again changes nothing.
type Lists struct {
	Store   *store.Store
	Inbox   *inbox.Inbox
	Views   *views.Views
	Streams context.Context // ends when the server shuts down

	mu   sync.Mutex
	jobs map[string]*importJob // by the upload's token
}

// importJob is a run over a list, going on or done.
type importJob struct {
	by      string // who gave the list, as its uploader
	name    string
	mapping lists.Mapping
	dry     bool

	mu     sync.Mutex
	done   bool
	failed string
	counts map[string]int
	rows   []views.ImportRow // the first, and the first with problems
	report string            // token of the upload that tells of every row
}

const (
	sampleRows  = 5
	shownRows   = 50
	mostJobs    = 50
	listUploads = "list:"
)

func uploaderOf(c *fiber.Ctx) string { return listUploads + web.User(c).ID.String() }

// Imports answers GET /settings/import.
func (l *Lists) Imports(c *fiber.Ctx) error {
	w := l.Views.Words(web.Lang(c))
	return web.Page(c, l.Views, fiber.StatusOK, "imports", views.ImportPage{Shell: shell(c, "settings", w.T("import.title"))})
}

// Give answers POST /settings/import with where the file's columns are told.
func (l *Lists) Give(c *fiber.Ctx) error {
	var a models.Attachment
	err := web.Upload(c, lists.MostBytes, func(map[string]string) error { return nil }, func(name, _ string, r io.Reader) (err error) {
		a, err = l.Inbox.Upload(c.UserContext(), uploaderOf(c), name, "text/csv", r)
		return err
	})
	if err != nil {
		return err
	}
	to := "/settings/import/" + a.Token
	if web.Fragment(c) {
		c.Set("HX-Redirect", to)
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// given opens the file that a path names, if the asker gave it.
func (l *Lists) given(c *fiber.Ctx) (a models.Attachment, f *lists.File, src io.Closer, err error) {
	if a, err = store.UploadByToken(l.Store.Read(c.UserContext()), c.Params("token"), uploaderOf(c)); err != nil {
		return a, nil, nil, err
	}
	in, err := l.Store.Files.Open(a.SHA256)
	if err != nil {
		return a, nil, nil, err
	}
	if f, err = lists.Open(in); err != nil {
		_ = in.Close()
		return a, nil, nil, err
	}
	return a, f, in, nil
}

// Import answers GET /settings/import/{token}: what the columns are, and how a run stands.
func (l *Lists) Import(c *fiber.Ctx) error {
	j := l.job(c, c.Params("token"))
	a, f, src, err := l.given(c)
	if j != nil && models.IsCode(err, models.NotFound) { // imported, and forgotten
		w := l.Views.Words(web.Lang(c))
		view := j.view(w, c.Params("token"))
		return web.Page(c, l.Views, fiber.StatusOK, "import_list", views.ImportPage{Shell: shell(c, "settings", w.T("import.title")), File: cmp.Or(j.name, "file"), Job: &view})
	}
	if err != nil {
		return err
	}
	defer src.Close()
	m := lists.Guess(f.Columns)
	if j != nil {
		m = j.mapping
	}
	return l.page(c, fiber.StatusOK, a, f, m, "")
}

func (l *Lists) page(c *fiber.Ctx, status int, a models.Attachment, f *lists.File, m lists.Mapping, problem string) error {
	w := l.Views.Words(web.Lang(c))
	cells, err := f.Sample(sampleRows)
	if err != nil {
		return err
	}
	page := views.ImportPage{Shell: shell(c, "settings", w.T("import.title")), Token: a.Token, File: cmp.Or(a.Name, "file"), Charset: f.Charset, VCard: f.Kind == "vcard", Error: problem}
	if page.VCard {
		page.Sample = cells
	}
	for i, name := range f.Columns {
		col := views.ImportColumn{Index: i, Name: name, Options: []views.Option{{Value: "", Text: w.T("import.field.none"), Current: m[i] == ""}}}
		for _, field := range lists.Fields {
			col.Options = append(col.Options, views.Option{Value: field, Text: w.K("import.field.", field), Current: m[i] == field})
		}
		for _, row := range cells {
			if i < len(row) && strings.TrimSpace(row[i]) != "" {
				col.Samples = append(col.Samples, row[i])
			}
		}
		page.Columns = append(page.Columns, col)
	}
	if j := l.job(c, a.Token); j != nil {
		view := j.view(w, a.Token)
		page.Job = &view
	}
	return web.Page(c, l.Views, status, "import_list", page)
}

// Run answers POST /settings/import/{token}: it begins a dry run or the import.
func (l *Lists) Run(c *fiber.Ctx) error {
	a, f, src, err := l.given(c)
	if err != nil {
		return err
	}
	defer src.Close()
	m, do, err := importForm(c, f)
	if err == nil && f.Kind == "csv" {
		err = m.Check(f.Columns)
	}
	if models.IsCode(err, models.Invalid) && m != nil {
		return l.page(c, fiber.StatusUnprocessableEntity, a, f, m, err.Error())
	}
	if err != nil {
		return err
	}
	if err := l.begin(a, m, !do, uploaderOf(c)); err != nil {
		return err
	}
	return c.Redirect("/settings/import/"+a.Token, fiber.StatusSeeOther)
}

// importForm reads what the columns are said to be, and whether it is meant.
func importForm(c *fiber.Ctx, f *lists.File) (m lists.Mapping, do bool, err error) {
	m = lists.Guess(f.Columns)
	c.Request().PostArgs().VisitAll(func(k, v []byte) {
		key, value := string(k), string(v)
		at, column := strings.CutPrefix(key, "column.")
		n, bad := strconv.Atoi(at)
		switch {
		case key == "_csrf":
		case key == "do" && (value == "import" || value == "try"):
			do = value == "import"
		case column && bad == nil && n >= 0 && n < len(m):
			m[n] = value
		default:
			err = models.FieldError(key, "There is no field %q in this form.", key)
		}
	})
	if err != nil {
		m = nil
	}
	return m, do, err
}

// job finds the run over a list that the asker gave; nil when there is none.
func (l *Lists) job(c *fiber.Ctx, token string) *importJob {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.jobs[token]; j != nil && j.by == uploaderOf(c) {
		return j
	}
	return nil
}

// begin starts a run; one at a time for each file.
func (l *Lists) begin(a models.Attachment, m lists.Mapping, dry bool, uploader string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.jobs[a.Token]; j != nil && !j.over() {
		return models.Errorf(models.Conflict, "This list is being read already. Wait until it is through.")
	}
	if l.jobs == nil {
		l.jobs = map[string]*importJob{}
	}
	for token, j := range l.jobs {
		if len(l.jobs) >= mostJobs && j.over() {
			delete(l.jobs, token)
		}
	}
	if len(l.jobs) >= mostJobs {
		return &models.Error{Code: models.Unavailable, Message: "Too many lists are being read. Try again when one is through."}
	}
	j := &importJob{by: uploader, name: a.Name, mapping: m, dry: dry, counts: map[string]int{}}
	l.jobs[a.Token] = j
	go l.work(a, j)
	return nil
}

func (j *importJob) over() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done
}

// work reads the list and writes the report beside it. Once a list is imported it is forgotten.
func (l *Lists) work(a models.Attachment, j *importJob) {
	in, out := io.Pipe()
	reported := make(chan error, 1)
	go func() {
		made, err := l.Inbox.Upload(l.Streams, j.by, "report.csv", "text/csv", in)
		j.mu.Lock()
		j.report = made.Token
		j.mu.Unlock()
		_ = in.CloseWithError(err)
		reported <- err
	}()
	buffered := bufio.NewWriter(out)
	report := lists.NewReport(buffered)
	err := l.read(a, j, report)
	_ = report.Close()
	_ = buffered.Flush()
	_ = out.Close()
	if e := <-reported; err == nil {
		err = e
	}
	if err == nil && !j.dry {
		err = l.forget(a)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = true
	if err != nil {
		slog.Warn("a list of customers could not be read to its end", "error", err)
		j.failed = "internal"
		if e := (*models.Error)(nil); asError(err, &e) {
			j.failed = e.Message
		}
	}
}

func (l *Lists) read(a models.Attachment, j *importJob, report *lists.Report) error {
	in, err := l.Store.Files.Open(a.SHA256)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := lists.Open(in)
	if err != nil {
		return err
	}
	im := lists.Importer{Store: l.Store, Ingest: l.Inbox.Ingest}
	return im.Run(l.Streams, f, j.mapping, j.dry, func(o lists.Outcome) error {
		j.take(o)
		return report.Add(o)
	})
}

func (j *importJob) take(o lists.Outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts[o.What]++
	bad := len(o.Problems) > 0 || o.What == lists.Several
	if len(j.rows) < sampleRows || bad && len(j.rows) < shownRows {
		j.rows = append(j.rows, views.ImportRow{Line: o.Line, Name: cmp.Or(o.Name, strings.Join(append(o.Emails, o.Phones...), ", ")), What: o.What, Problems: strings.Join(o.Problems, "; ")})
	}
}

// forget drops an imported list's file: it holds people's data, and is in the database now.
func (l *Lists) forget(a models.Attachment) error {
	ctx := context.WithoutCancel(l.Streams)
	return l.Inbox.DropUpload(ctx, a)
}

func (j *importJob) view(w *views.Words, token string) views.ImportJob {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := views.ImportJob{Token: token, Dry: j.dry, Done: j.done, Failed: j.failed, Rows: append([]views.ImportRow(nil), j.rows...)}
	if j.failed == "internal" {
		v.Failed = w.T("import.failed")
	}
	if j.done && j.report != "" {
		v.Report = "/settings/import/" + j.report + "/report"
	}
	for _, what := range lists.Outcomes {
		v.Total += j.counts[what]
		if n := j.counts[what]; n > 0 {
			v.Counts = append(v.Counts, views.ImportCount{What: what, N: n})
		}
	}
	return v
}

// Progress answers GET /settings/import/{token}/progress: how the run stands.
func (l *Lists) Progress(c *fiber.Ctx) error {
	j := l.job(c, c.Params("token"))
	if j == nil {
		return models.Errorf(models.NotFound, "There is no such list, or it was read before the server was started.")
	}
	return web.Page(c, l.Views, fiber.StatusOK, "import_job", j.view(l.Views.Words(web.Lang(c)), c.Params("token")))
}

// Report answers GET /settings/import/{token}/report: what became of each row, as CSV.
func (l *Lists) Report(c *fiber.Ctx) error {
	a, err := store.UploadByToken(l.Store.Read(c.UserContext()), c.Params("token"), uploaderOf(c))
	if err != nil {
		return err
	}
	return web.SendFile(c, a, l.Store.Files.Open)
}

// ExportAll answers GET /settings/import/customers.csv: every customer, made while it is sent.
func (l *Lists) ExportAll(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="customers-%s.csv"`, l.Store.Now().Std().Format("2006-01-02")))
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		if _, err := lists.Write(context.Background(), l.Store, w); err != nil {
			slog.Warn("an export of customers broke off", "error", err)
		}
	})
	return nil
}

package privacy

import (
	"encoding/json"
	"io"

	"onethread/models"
	"onethread/models/store"
)

// The shape of data.json; docs/privacy.md describes it, and "format" rises when it changes.
type (
	exported struct {
		Format     int                `json:"format"`
		ExportedAt models.Time        `json:"exported_at"`
		Customer   exportedCustomer   `json:"customer"`
		Addresses  []exportedAddress  `json:"addresses"`
		Consents   []exportedConsent  `json:"consents"`
		Talks      []exportedTalk     `json:"conversations"`
		Orders     []models.OrderData `json:"orders"`
		Record     exportedRecord     `json:"record"`
	}
	exportedCustomer struct {
		ID        string      `json:"id"`
		Records   []models.ID `json:"records"` // their own and those that were merged into it
		Name      string      `json:"name"`
		Language  string      `json:"language"`
		Notes     string      `json:"notes"`
		CreatedAt models.Time `json:"created_at"`
		UpdatedAt models.Time `json:"updated_at"`
	}
	exportedAddress struct {
		ID       string              `json:"id"`
		Kind     models.IdentityKind `json:"kind"`
		Scope    string              `json:"scope,omitempty"`
		Value    string              `json:"value"`
		Display  string              `json:"display"`
		Evidence models.Evidence     `json:"evidence"`
		Reason   string              `json:"reason"`
		Shared   bool                `json:"shared"`
		Since    models.Time         `json:"created_at"`
	}
	exportedConsent struct {
		AddressID string      `json:"address_id"`
		ChannelID string      `json:"channel_id"`
		Purpose   string      `json:"purpose"`
		State     string      `json:"state"`
		Source    string      `json:"source"`
		Proof     string      `json:"proof,omitempty"`
		At        models.Time `json:"at"`
	}
	exportedTalk struct {
		ID       string      `json:"id"`
		Status   string      `json:"status"`
		Subject  string      `json:"subject"`
		Labels   []string    `json:"labels"`
		OpenedAt models.Time `json:"opened_at"`
		ClosedAt models.Time `json:"closed_at"`
	}
	exportedEvent struct {
		ID          string           `json:"id"`
		Kind        models.Kind      `json:"kind"`
		Direction   models.Direction `json:"direction,omitempty"`
		Channel     string           `json:"channel,omitempty"`
		OccurredAt  models.Time      `json:"occurred_at"`
		CreatedAt   models.Time      `json:"created_at"`
		Talk        string           `json:"conversation_id,omitempty"`
		AddressID   string           `json:"address_id,omitempty"`
		By          string           `json:"by,omitempty"` // the member of staff
		Subject     string           `json:"subject,omitempty"`
		Text        string           `json:"text,omitempty"`
		HTML        string           `json:"html,omitempty"`
		To          string           `json:"to,omitempty"`
		CC          string           `json:"cc,omitempty"`
		State       string           `json:"delivery,omitempty"`
		Redacted    models.Time      `json:"redacted_at,omitempty"`
		Left        string           `json:"left_out,omitempty"` // why the words are not here
		Attachments []exportedFile   `json:"attachments,omitempty"`
		Data        json.RawMessage  `json:"data,omitempty"`
	}
	exportedFile struct {
		Name   string `json:"name"`
		Type   string `json:"type"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
		File   string `json:"file"` // in this archive
	}
)

// data writes data.json: the record at once, the events one after the other.
func (e *export) data() error {
	head, err := e.head()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(head, "", " ")
	if err != nil {
		return err
	}
	out, err := e.create("data.json")
	if err != nil {
		return err
	}
	if _, err := out.Write(text[:len(text)-2]); err != nil { // without its "\n}"
		return err
	}
	before := ",\n \"events\": [\n  "
	err = e.each(func(x store.Entry) error {
		text, err := json.Marshal(exportEvent(x))
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, before+string(text))
		before = ",\n  "
		return err
	})
	if err != nil {
		return err
	}
	if before[1] == '\n' && before[3] == '"' { // there was none
		before += "]\n}\n"
	} else {
		before = "\n ]\n}\n"
	}
	_, err = io.WriteString(out, before)
	return err
}

// exportedRecord is what staff kept about a customer besides their thread.
type exportedRecord struct {
	TimeZone  string            `json:"time_zone"`
	Company   string            `json:"company"`
	Labels    []string          `json:"labels"`
	Fields    map[string]string `json:"custom_fields"`
	Addresses []string          `json:"postal_addresses"`
	Blocked   models.Time       `json:"blocked_at"`
}

func (e *export) record() (exportedRecord, error) {
	kept, err := store.RecordOf(e.q, e.c.ID)
	out := exportedRecord{TimeZone: kept.TimeZone, Company: kept.Company, Labels: append([]string{}, kept.Labels...), Fields: map[string]string{}, Addresses: []string{}, Blocked: kept.BlockedAt}
	for _, f := range kept.Fields {
		if f.Value != "" {
			out.Fields[f.Name] = f.Value
		}
	}
	for _, a := range kept.Addresses {
		out.Addresses = append(out.Addresses, a.Text)
	}
	return out, err
}

func (e *export) head() (out exported, err error) {
	out = exported{Format: 1, ExportedAt: e.at, Addresses: []exportedAddress{}, Consents: []exportedConsent{}, Talks: []exportedTalk{}, Orders: []models.OrderData{},
		Customer: exportedCustomer{ID: e.c.ID.String(), Name: e.c.Name, Language: e.c.Language, Notes: e.c.Notes, CreatedAt: e.c.CreatedAt, UpdatedAt: e.c.UpdatedAt}}
	if out.Customer.Records, err = store.Records(e.q, e.c.ID); err != nil {
		return out, err
	}
	addresses, err := store.IdentitiesOf(e.q, e.c.ID)
	if err != nil {
		return out, err
	}
	for _, i := range addresses {
		out.Addresses = append(out.Addresses, exportedAddress{i.ID.String(), i.Kind, i.Scope, i.Value, i.Display, i.Evidence, i.Reason, i.Shared, i.CreatedAt})
	}
	consents, err := store.Ledger(e.q, e.c.ID)
	if err != nil {
		return out, err
	}
	for _, c := range consents {
		out.Consents = append(out.Consents, exportedConsent{c.IdentityID.String(), c.ChannelID.String(), c.Purpose, c.State, c.Source, c.Proof, c.CreatedAt})
	}
	if out.Record, err = e.record(); err != nil {
		return out, err
	}
	if err := e.talks(&out); err != nil {
		return out, err
	}
	return out, e.orders(&out)
}

func (e *export) talks(out *exported) error {
	talks, err := store.Talks(e.q, e.c.ID)
	if err != nil {
		return err
	}
	ids := make([]models.ID, len(talks))
	for i, c := range talks {
		ids[i] = c.ID
	}
	labels, err := store.LabelsOn(e.q, ids)
	for _, c := range talks {
		t := exportedTalk{c.ID.String(), c.Status, c.Subject, []string{}, c.OpenedAt, c.ClosedAt}
		for _, l := range labels {
			if l.ConversationID == c.ID {
				t.Labels = append(t.Labels, l.Name)
			}
		}
		out.Talks = append(out.Talks, t)
	}
	return err
}

func (e *export) orders(out *exported) error {
	f := store.OrderFilter{CustomerID: e.c.ID, Limit: atOnce}
	for {
		page, err := store.Orders(e.q, f)
		if err != nil {
			return err
		}
		for _, o := range page {
			out.Orders = append(out.Orders, o.Data())
			f.Before, f.BeforeID = o.PlacedAt, o.ID
		}
		if len(page) < atOnce {
			return nil
		}
	}
}

func exportEvent(x store.Entry) exportedEvent {
	out := exportedEvent{ID: x.ID.String(), Kind: x.Kind, Direction: x.Direction, Channel: x.ChannelName, OccurredAt: x.OccurredAt, CreatedAt: x.CreatedAt, Talk: x.ConversationID.String(),
		AddressID: x.AnchorID.String(), By: x.UserName}
	if foreign(x) {
		out.AddressID, out.Left = "", "Somebody else, who was in copy, wrote this."
		return out
	}
	if x.Kind != models.KindMerge && x.Kind != models.KindUnmerge && x.Data != "" && x.Data != "{}" { // a merge may name somebody else
		out.Data = json.RawMessage(x.Data)
	}
	if m := x.Message; m != nil {
		out.Subject, out.Text, out.HTML, out.To, out.CC, out.State, out.Redacted = m.Subject, m.Text, m.HTML, m.ToAddress, m.CC, m.State, m.RedactedAt
	}
	for _, a := range x.Attachments {
		out.Attachments = append(out.Attachments, exportedFile{a.Name, a.Type, a.Size, a.SHA256, fileOf(a)})
	}
	return out
}

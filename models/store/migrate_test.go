package store

import (
	"context"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"onethread/models"
)

// atSchema makes a database as the given schema left it, with some rows in it.
func atSchema(t *testing.T, dir string, version int, rows ...string) {
	t.Helper()
	db, err := gorm.Open(dialector{sqlite.Dialector{DriverName: "sqlite", DSN: "file:" + filepath.Join(dir, "onethread.db")}}, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for n := range version {
		if err := step(db, files[n], n+1); err != nil {
			t.Fatal(err)
		}
	}
	search := searchSchema
	if version < 4 { // files had no place in search
		search = strings.NewReplacer(", files", "", ", old.files", "", ", new.files", "").Replace(search)
	}
	if err := db.Exec(search).Error; err != nil {
		t.Fatal(err)
	}
	for _, sql := range rows {
		if err := db.Exec(sql).Error; err != nil {
			t.Fatal(err, sql)
		}
	}
	plain, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
}

// shape is a database's whole schema, word by word.
func shape(t *testing.T, s *Store) []string {
	t.Helper()
	var out []string
	if err := s.r.Raw("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i] = strings.Join(strings.Fields(out[i]), " ")
	}
	slices.Sort(out)
	return out
}

// TestUpgradeFromEverySchema: an upgraded database is a fresh one with its rows still in it.
func TestUpgradeFromEverySchema(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	fresh := shape(t, openTest(t))
	for version := 1; version < len(files); version++ {
		dir := t.TempDir()
		var later []string
		if version >= 4 {
			later = append(later, "UPDATE messages SET files = 'rug-invoice.pdf' WHERE event_id = 2")
		} else {
			later = append(later, "INSERT INTO attachments(event_id, token, name, type, size, sha256, created_at) VALUES (2,'t','rug-invoice.pdf','application/pdf',1,'00',1)")
		}
		if version < 5 { // Bea was merged into Ana; both had typed one address
			later = append(later, "INSERT INTO customers(id, name, merged_into, created_at, updated_at) VALUES (2,'Bea',1,1,1)",
				"INSERT INTO identities(id, customer_id, kind, value, display, evidence, created_at) VALUES (1,1,'email','b@x.example','','typed',1), (2,1,'email','b@x.example'||char(31)||'2','','typed',1), (3,1,'phone','+351912007031','','asserted',1)",
				"INSERT INTO conversations(id, customer_id, opened_at, last_at) VALUES (1,1,1,1)",
				"INSERT INTO merges(id, from_id, into_id, reason, created_at) VALUES (1,2,1,'staff',1)",
				"INSERT INTO merge_items(merge_id, kind, item_id) VALUES (1,'dropped_identity',2), (1,'identity',3), (1,'conversation',1), (1,'event',2)")
		}
		atSchema(t, dir, version, append([]string{
			"INSERT INTO channels(id, type, name, key, created_at, updated_at) VALUES (1,'generic','Till','k',1,1)",
			"INSERT INTO customers(id, name, created_at, updated_at) VALUES (1,'Ana',1,1)",
			"INSERT INTO customer_words(customer_id, words) VALUES (1,'Ana')",
			"INSERT INTO events(id, customer_id, channel_id, kind, direction, occurred_at, created_at) VALUES (2,1,1,'message','in',1,1)",
			"INSERT INTO messages(event_id, text) VALUES (2,'Here it is.')",
			"INSERT INTO messages_fts(rowid, subject, text) VALUES (2,'','Here it is.')", "DELETE FROM messages_unindexed",
			`INSERT INTO events(id, customer_id, channel_id, kind, occurred_at, created_at, data) VALUES (1,1,1,'refund',1,1,'{"order_number":"1042"}')`,
			"INSERT INTO refunds(channel_id, order_number, external_id, amount, currency, status, occurred_at) VALUES (1,'1042','r1',500,'EUR','done',1)"}, later...)...)
		s, err := Open(t.Context(), dir, Options{Key: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		if got := shape(t, s); !slices.Equal(got, fresh) {
			t.Errorf("from schema %d: the upgraded schema is not the fresh one:\n%s\n\n%s", version, strings.Join(got, "\n"), strings.Join(fresh, "\n"))
		}
		if version < 5 {
			n, err := scalar[int](s.r.Raw("SELECT (SELECT count(*) FROM identities WHERE home_id = 2) + (SELECT count(*) FROM conversations WHERE home_id = 2) + (SELECT count(*) FROM events WHERE home_id = 2) + (SELECT count(*) FROM identities WHERE value = 'b@x.example')"))
			if err != nil || n != 2+1+1+2 {
				t.Errorf("from schema %d: %d of 6 things know where they are at home after a merge: %v", version, n, err)
			}
		}
		waiting, err := WaitingRefunds(s.Read(t.Context()), 1, "1042")
		if err != nil || len(waiting) != 0 {
			t.Error("a refund that has been shown waits:", waiting, err)
		}
		if hits, err := SearchMessages(s.Read(t.Context()), `"rug" "invoice"`, `"rug" "invoice"*`, 5); err != nil || len(hits) != 1 || !strings.Contains(hits[0].Snippet, "invoice") {
			t.Errorf("from schema %d: a file is not found by its name: %+v %v", version, hits, err)
		}
		if err := Check(context.Background(), s); err != nil {
			t.Error(err)
		}
		copies, err := filepath.Glob(filepath.Join(dir, "*.before-*"))
		if err != nil || len(copies) != 1 {
			t.Error("no copy from before the upgrade:", copies, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestColumnsOfStructs compares what structs scan with what their tables have.
func TestColumnsOfStructs(t *testing.T) {
	s := openTest(t)
	names := schema.NamingStrategy{}
	for table, row := range map[string]any{"events": models.Event{}, "messages": models.Message{}, "attachments": models.Attachment{}, "orders": models.Order{},
		"order_lines": models.OrderLine{}, "tracking": models.Tracking{}, "refunds": models.Refund{}, "products": models.Product{}, "customers": models.Customer{},
		"identities": models.Identity{}, "suggestions": models.Suggestion{}, "merges": models.Merge{}, "outbox": OutboxRow{}, "consents": Consent{},
		"delivery_reports": Report{}} {
		var columns []string
		if err := s.r.Raw("SELECT name FROM pragma_table_info(?)", table).Scan(&columns).Error; err != nil {
			t.Fatal(err)
		}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(row)) {
			tag := schema.ParseTagSetting(f.Tag.Get("gorm"), ";")
			if _, skipped := tag["-"]; skipped {
				continue
			}
			column := tag["COLUMN"]
			if column == "" {
				column = names.ColumnName(table, f.Name)
			}
			if !slices.Contains(columns, column) {
				t.Errorf("%s.%s has no column %s; the table has %v", table, f.Name, column, columns)
			}
		}
	}
}

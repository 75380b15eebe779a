package records

import (
	"context"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

const (
	mostFields   = 50
	longestField = 60 // characters
)

// AddField gives the shop a field of its own on every customer's record.
func AddField(ctx context.Context, st *store.Store, name string) (id models.ID, err error) {
	if name = text(name, longestField); name == "" {
		return 0, models.FieldError("name", "Give the field a name.")
	}
	err = st.Write(ctx, func(tx *store.Tx) error {
		all, err := store.CustomFields(tx)
		if err != nil {
			return err
		}
		if len(all) >= mostFields {
			return models.FieldError("name", "A shop has at most %d fields of its own. Remove one first.", mostFields)
		}
		if slices.ContainsFunc(all, func(f store.CustomField) bool { return strings.EqualFold(f.Name, name) }) {
			return models.FieldError("name", "There is a field %q already.", name)
		}
		id, err = store.AddCustomField(tx, name)
		return err
	})
	return id, err
}

// RemoveField forgets a field with what stands in it for every customer.
func RemoveField(ctx context.Context, st *store.Store, id models.ID) error {
	return st.Write(ctx, func(tx *store.Tx) error {
		found, err := store.DropCustomField(tx, id)
		if err == nil && !found {
			err = models.Errorf(models.NotFound, "There is no such field.")
		}
		return err
	})
}

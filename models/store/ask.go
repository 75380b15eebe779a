package store

import (
	"database/sql"
	"reflect"

	"gorm.io/gorm"
)

// raw is g.Raw for statements as SQLite takes them: with ? or with @names and a map of values. GORM reads a
// statement letter by letter to find where values go, 15 ns a letter, which was a third of a thread's reading;
// SQLite has read it once, when it was compiled. Lists, of which GORM writes out as many ? as they are long, go
// its way.
func raw(g *gorm.DB, text string, values ...any) *gorm.DB {
	if tx, ok := asItStands(g, text, values); ok {
		return tx
	}
	return g.Raw(text, values...)
}

// exec is g.Exec, likewise.
func exec(g *gorm.DB, text string, values ...any) *gorm.DB {
	if tx, ok := asItStands(g, text, values); ok {
		return tx.Callback().Raw().Execute(tx)
	}
	return g.Exec(text, values...)
}

func asItStands(g *gorm.DB, text string, values []any) (tx *gorm.DB, ok bool) {
	vars, ok := variables(values)
	if !ok {
		return nil, false
	}
	tx = g.Raw("")
	tx.Statement.SQL.WriteString(text)
	tx.Statement.Vars = vars
	return tx, true
}

// variables are the values as SQLite's driver takes them; ok is false where one is a list.
func variables(values []any) (vars []any, ok bool) {
	if len(values) == 1 {
		if named, isMap := values[0].(map[string]any); isMap {
			vars = make([]any, 0, len(named))
			for name, v := range named {
				if isList(v) {
					return nil, false
				}
				vars = append(vars, sql.Named(name, v))
			}
			return vars, true
		}
	}
	for _, v := range values {
		if isList(v) {
			return nil, false
		}
	}
	return values, true
}

func isList(v any) bool {
	if v == nil {
		return false
	}
	t := reflect.TypeOf(v)
	return t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	ms "modernc.org/sqlite"
)

// keptDriver is the writer's driver: SQLite whose connection keeps its compiled statements. GORM
// prepares inside each transaction, and database/sql forgets such statements with it, so that every
// statement of an arriving message was compiled anew (measured: a third of its time).
const keptDriver = "sqlite-kept"

func init() { sql.Register(keptDriver, keeping{&ms.Driver{}}) }

type keeping struct{ driver.Driver }

// sqliteConn is what the SQLite driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

func (d keeping) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	inner, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's %T lacks what the writer needs", c), c.Close())
	}
	return &keptConn{sqliteConn: inner, free: map[string]sqliteStmt{}}, nil
}

// keptConn lends its compiled statements for the time they run; one that is running is compiled a
// second time. database/sql never uses a connection from two goroutines at once.
type keptConn struct {
	sqliteConn
	free map[string]sqliteStmt
}

// mostKept bounds the compiled statements; the writer has about a hundred different ones.
const mostKept = 500

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// PrepareContext compiles a statement, or finds it compiled.
func (c *keptConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.take(ctx, query) // now, because preparing tells of mistakes
	if err != nil {
		return nil, err
	}
	c.give(query, s)
	return &keptStmt{conn: c, query: query}, nil
}

func (c *keptConn) take(ctx context.Context, query string) (sqliteStmt, error) {
	if s, ok := c.free[query]; ok {
		delete(c.free, query)
		return s, nil
	}
	s, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	inner, ok := s.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's %T lacks what the writer needs", s), s.Close())
	}
	return inner, nil
}

// give takes a statement back. One too many is closed; that cannot lose anything, it has run.
func (c *keptConn) give(query string, s sqliteStmt) {
	if c.free == nil || len(c.free) >= mostKept || c.free[query] != nil {
		_ = s.Close()
		return
	}
	c.free[query] = s
}

// Close ends the kept statements and the connection.
func (c *keptConn) Close() error {
	var errs []error
	for _, s := range c.free {
		errs = append(errs, s.Close())
	}
	c.free = nil
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// keptStmt is a statement as database/sql holds it; the compiled one is taken while it runs.
type keptStmt struct {
	conn  *keptConn
	query string
}

// Close has nothing to end: the compiled statement stays with the connection.
func (s *keptStmt) Close() error { return nil }

// NumInput leaves counting the arguments to SQLite.
func (s *keptStmt) NumInput() int { return -1 }

// Exec and Query are the forms without a context, which database/sql does not use here.
func (s *keptStmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is never called; see Exec.
func (s *keptStmt) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

// ExecContext runs the statement.
func (s *keptStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	inner, err := s.conn.take(ctx, s.query)
	if err != nil {
		return nil, err
	}
	defer s.conn.give(s.query, inner)
	return inner.ExecContext(ctx, args)
}

// QueryContext runs the statement; its rows give it back.
func (s *keptStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	inner, err := s.conn.take(ctx, s.query)
	if err != nil {
		return nil, err
	}
	rows, err := inner.QueryContext(ctx, args)
	if err != nil {
		s.conn.give(s.query, inner)
		return nil, err
	}
	return &keptRows{Rows: rows, done: func() { s.conn.give(s.query, inner) }}, nil
}

// keptRows are the rows of a lent statement.
type keptRows struct {
	driver.Rows
	done func()
}

// Close ends the rows and gives the statement back, once.
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	if r.done != nil {
		r.done()
		r.done = nil
	}
	return err
}

package powertest

import (
	"fmt"
	"path/filepath"
	"strings"
)

// pathOf is the path in a file descriptor argument, "" where it is none of a file.
func pathOf(arg string) (string, error) {
	_, path, ok := strings.Cut(arg, "<")
	if !ok {
		return "", nil
	}
	path = path[:strings.LastIndex(path, ">")]
	if strings.HasPrefix(path, `\x`) {
		b, err := bytesOf(`"` + path + `"`)
		return string(b), err
	}
	return path, nil
}

// find gives the folder that a path lies in, and its last name; nil when it lies elsewhere.
func (r *Replay) find(path string) (folder *node, name string) {
	inner, err := filepath.Rel(r.root, path)
	if err != nil || inner == ".." || strings.HasPrefix(inner, "../") {
		return nil, ""
	}
	parts := strings.Split(inner, "/")
	folder = r.disk
	for _, p := range parts[:len(parts)-1] {
		if folder = folder.names[p]; folder == nil {
			return nil, ""
		}
	}
	return folder, parts[len(parts)-1]
}

// target is the path of an argument; at is the argument of the folder that it may be relative to.
func target(at, arg string) (string, error) {
	b, err := bytesOf(arg)
	if err != nil || strings.HasPrefix(string(b), "/") {
		return string(b), err
	}
	base, err := pathOf(at)
	return filepath.Join(base, string(b)), err
}

// do lets a call take effect.
func (r *Replay) do(c call) error {
	a := c.args
	switch c.name {
	case "open":
		return r.opens(c, "", a[0], a[1])
	case "openat":
		return r.opens(c, a[0], a[1], a[2])
	case "write", "writev", "pwrite64", "pwritev", "pwritev2":
		return r.writes(c)
	case "lseek":
		return r.with(a[0], func(o *opened) error { o.at = c.result; return nil })
	case "ftruncate":
		return r.with(a[0], func(o *opened) error {
			size, err := number(a[1])
			o.what.truncate(size, c.end)
			return err
		})
	case "fallocate", "copy_file_range", "sendfile", "splice", "truncate", "creat":
		return r.unknown(c)
	case "mkdir":
		return r.makes(c, "", a[0])
	case "mkdirat":
		return r.makes(c, a[0], a[1])
	case "unlink", "rmdir":
		return r.removes(c, "", a[0])
	case "unlinkat":
		return r.removes(c, a[0], a[1])
	case "link":
		return r.links(c, "", a[0], "", a[1], true)
	case "linkat":
		return r.links(c, a[0], a[1], a[2], a[3], true)
	case "rename":
		return r.links(c, "", a[0], "", a[1], false)
	case "renameat", "renameat2":
		return r.links(c, a[0], a[1], a[2], a[3], false)
	}
	return nil
}

// with does something to an open file of the folder.
func (r *Replay) with(arg string, do func(o *opened) error) error {
	fd, err := handle(arg)
	if err != nil {
		return err
	}
	path, err := pathOf(arg)
	if err != nil || !strings.HasPrefix(path, r.root+"/") {
		return err
	}
	if o := r.open[fd]; o != nil && o.what != nil {
		return do(o)
	}
	return fmt.Errorf("%s was never opened", path)
}

// unknown refuses calls that change the folder in ways that are not played.
func (r *Replay) unknown(c call) error {
	for _, arg := range c.args {
		path, _ := pathOf(arg)
		if b, err := bytesOf(arg); path == "" && err == nil {
			path = string(b)
		}
		if strings.HasPrefix(path, r.root+"/") {
			return fmt.Errorf("on %s: this record needs support for it", path)
		}
	}
	return nil
}

func (r *Replay) opens(c call, at, arg, flags string) error {
	path, err := target(at, arg)
	if err != nil {
		return err
	}
	fd := int(c.result)
	delete(r.open, fd)
	if path == r.root {
		r.open[fd] = &opened{what: r.disk, path: path}
		return nil
	}
	folder, name := r.find(path)
	if folder == nil {
		return nil
	}
	what := folder.names[name]
	if what == nil {
		what = &node{}
		folder.name(name, what, c.end)
	} else if strings.Contains(flags, "O_TRUNC") && what.size > 0 {
		what.truncate(0, c.end)
	}
	r.open[fd] = &opened{what: what, path: path, end: strings.Contains(flags, "O_APPEND")}
	return nil
}

func (r *Replay) writes(c call) error {
	return r.with(c.args[0], func(o *opened) error {
		data, err := bytesOf(c.args[1])
		if err != nil || int64(len(data)) < c.result {
			return fmt.Errorf("%d bytes were written, %d recorded (%v)", c.result, len(data), err)
		}
		data = data[:c.result]
		if strings.HasPrefix(c.name, "p") {
			at, err := number(c.args[len(c.args)-1])
			if c.name == "pwritev2" || c.name == "pwritev" {
				at, err = number(c.args[3])
			}
			o.what.write(at, data, c.end)
			return err
		}
		if o.end {
			o.at = o.what.size
		}
		o.what.write(o.at, data, c.end)
		o.at += c.result
		return nil
	})
}

func (r *Replay) makes(c call, at, arg string) error {
	path, err := target(at, arg)
	if err != nil {
		return err
	}
	if folder, name := r.find(path); folder != nil && path != r.root {
		folder.name(name, newFolder(), c.end)
	}
	return nil
}

func (r *Replay) removes(c call, at, arg string) error {
	path, err := target(at, arg)
	if err != nil {
		return err
	}
	if folder, name := r.find(path); folder != nil {
		folder.name(name, nil, c.end)
	}
	return nil
}

// links gives a file a further name, or with keep false another one.
func (r *Replay) links(c call, fromAt, fromArg, toAt, toArg string, keep bool) error {
	from, err := target(fromAt, fromArg)
	if err != nil {
		return err
	}
	to, err := target(toAt, toArg)
	if err != nil {
		return err
	}
	old, oldName := r.find(from)
	into, newName := r.find(to)
	if old == nil || into == nil || old.names[oldName] == nil {
		return fmt.Errorf("%s or %s is not known", from, to)
	}
	what := old.names[oldName]
	into.name(newName, what, c.end)
	if !keep {
		old.name(oldName, nil, c.end)
	}
	return nil
}

package lists

import (
	"errors"
	"io"
)

// errEnough ends Each early.
var errEnough = errors.New("enough rows")

// Sample gives the first rows: of a CSV the cells as they stand, of vCards what they say.
func (f *File) Sample(n int) (cells [][]string, err error) {
	if f.Kind == "vcard" {
		err = f.Each(nil, func(r Row) error {
			cells = append(cells, []string{r.Name, first(r.Emails), first(r.Phones)})
			if len(cells) == n {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			err = nil
		}
		return cells, err
	}
	text, err := decoded(f.src, f.Charset)
	if err != nil {
		return nil, err
	}
	r := f.reader(text)
	r.ReuseRecord = false
	for range n + 1 {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		for i := range record {
			record[i] = cut(record[i], 120)
		}
		cells = append(cells, record)
	}
	return cells[min(1, len(cells)):], nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

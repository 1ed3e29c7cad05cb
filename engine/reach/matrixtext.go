package reach

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"fathom/diag"
	"fathom/engine/reach/flow"
)

func itoa(n int) string { return strconv.Itoa(n) }

// columns are what a cell says in the three columns of a listing.
func columns(r Reach) (reaches, unknown, refused string) {
	show := func(c flow.Conns) string {
		if c.Empty() {
			return ""
		}
		return c.String()
	}
	return show(r.Sure), show(r.May.Minus(r.Sure)), show(r.Refused)
}

// WriteText prints the matrix as a list: a line for every pair that is
// connected, or may be.
func (m *Matrix) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	from, to, cells := 4, 2, 0
	m.Each(func(f, t Place, _ Reach) {
		from, to = max(from, utf8.RuneCountInString(f.String())), max(to, utf8.RuneCountInString(t.String()))
		cells++
	})
	m.Each(func(f, t Place, r Reach) {
		reaches, unknown, refused := columns(r)
		says := reaches
		more := func(word, what string) {
			if what == "" {
				return
			}
			if says != "" {
				says += "; "
			}
			says += word + what
		}
		more("unknown: ", unknown)
		more("refused: ", refused)
		fmt.Fprintf(b, "%s → %s  %s\n", pad(diag.Plain(f.String()), from), pad(diag.Plain(t.String()), to), says)
	})
	rows, cols := m.Size()
	fmt.Fprintf(b, "%d of %d × %d pairs are connected, or may be\n", cells, rows, cols)
	return b.Flush()
}

func pad(text string, width int) string {
	for n := utf8.RuneCountInString(text); n < width; n++ {
		text += " "
	}
	return text
}

// WriteCSV prints the matrix as CSV (RFC 4180): from, to, and the connections
// that reach, that may, and that arrive and are refused.
func (m *Matrix) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"from", "to", "reaches", "unknown", "refused"}); err != nil {
		return err
	}
	var failed error
	m.Each(func(from, to Place, r Reach) {
		reaches, unknown, refused := columns(r)
		if err := c.Write([]string{diag.Plain(from.String()), diag.Plain(to.String()), reaches, unknown, refused}); err != nil && failed == nil {
			failed = err
		}
	})
	c.Flush()
	if failed == nil {
		failed = c.Error()
	}
	return failed
}

package spool

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func TestABodyIsRead(t *testing.T) {
	p := NewPool(Limits{Memory: 100, Max: 1000, Disk: 1500, Folder: t.TempDir()})
	for _, size := range []int{0, 1, 99, 100, 101, 1000} {
		for _, declared := range []int64{int64(size), -1} {
			text := strings.Repeat("x", size)
			b := p.New(iotest.OneByteReader(strings.NewReader(text)), declared)
			prefix, more, err := b.Prefix(50)
			if err != nil || string(prefix) != text[:min(size, 50)] || more != (size > 50) {
				t.Errorf("%d: prefix %q %t %v", size, prefix, more, err)
			}
			if err := b.Fill(); err != nil || !b.Whole() || b.Size() != int64(size) {
				t.Errorf("%d: %v %d", size, err, b.Size())
			}
			for range 2 {
				r := b.Reader()
				if got, err := io.ReadAll(r); err != nil || string(got) != text {
					t.Errorf("%d: %d bytes, %v", size, len(got), err)
				}
				r.Close()
			}
			b.Close()
		}
	}
	if p.Disk() != 0 {
		t.Errorf("%d bytes are left in files", p.Disk())
	}
}

func TestABodyThatIsTooLarge(t *testing.T) {
	p := NewPool(Limits{Memory: 100, Max: 1000})
	b := p.New(strings.NewReader("x"), 1001)
	if _, _, err := b.Prefix(10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("as declared: %v", err)
	}
	b = p.New(bytes.NewReader(make([]byte, 1001)), -1)
	if err := b.Fill(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("as it came: %v", err)
	}
	b = p.New(bytes.NewReader(make([]byte, 5000)), -1)
	if n, err := io.Copy(io.Discard, b.Reader()); !errors.Is(err, ErrTooLarge) || n > 1000 {
		t.Errorf("streamed: %d bytes, %v", n, err)
	}
}

func TestFilesAreLimitedAndHaveNoName(t *testing.T) {
	dir := t.TempDir()
	p := NewPool(Limits{Memory: 10, Max: 1000, Disk: 1500, Folder: dir})
	one := p.New(bytes.NewReader(make([]byte, 900)), -1)
	if err := one.Fill(); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v %v", names, err)
	}
	two := p.New(bytes.NewReader(make([]byte, 900)), -1)
	if err := two.Fill(); !errors.Is(err, ErrFull) {
		t.Errorf("the second: %v", err)
	}
	one.Close()
	two.Close()
	three := p.New(bytes.NewReader(make([]byte, 900)), -1)
	if err := three.Fill(); err != nil {
		t.Errorf("after the first is closed: %v", err)
	}
}

// A transport may still read a body when the answer is there already. Its bytes
// must not become those of another request.
func TestABodyThatIsStillReadIsNotUsedAgain(t *testing.T) {
	p := NewPool(Limits{})
	b := p.New(strings.NewReader("mine"), 4)
	if err := b.Fill(); err != nil {
		t.Fatal(err)
	}
	r := b.Reader()
	b.Close()
	for range 100 {
		other := p.New(strings.NewReader("your"), 4)
		if err := other.Fill(); err != nil {
			t.Fatal(err)
		}
		other.Close()
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "mine" {
		t.Errorf("%q %v", got, err)
	}
}

func TestABodyThatBreaksOffIsAnError(t *testing.T) {
	p := NewPool(Limits{})
	b := p.New(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("abc"))), -1)
	if err := b.Fill(); !errors.Is(err, iotest.ErrTimeout) || b.Whole() {
		t.Errorf("%v, whole %t", err, b.Whole())
	}
}

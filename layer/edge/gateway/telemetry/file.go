package telemetry

import (
	"os"
	"sync"
)

// File is a log file that can be begun anew: after logrotate has renamed it,
// Swap goes on in a new one by the old name.
type File struct {
	name string
	mu   sync.Mutex
	now  *os.File
}

// OpenFile opens a log file to append to, and makes it if need be.
func OpenFile(name string) (*File, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	return &File{name: name, now: f}, nil
}

func open(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
}

// Write implements io.Writer.
func (f *File) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now.Write(b)
}

// Next opens what has the file's name now, and changes nothing yet: Swap does,
// or closing it leaves all as it was.
func (f *File) Next() (*os.File, error) { return open(f.name) }

// Swap writes to next from now on, and closes what was written to before.
func (f *File) Swap(next *os.File) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.now
	f.now = next
	return before.Close()
}

// Close closes the file. Nothing is written to it any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now.Close()
}

package gateway

import (
	"fmt"
	"io"
	"os"
)

// What the files that a configuration names may hold, in bytes. They are read
// again at each reload, by a process that has requests to answer.
const (
	mostText   = 64 << 20 // web ACLs, lists, certificates
	mostSecret = 64 << 10
	mostGeo    = 1 << 30
)

// readFile reads a file of at most so many bytes. A pipe, which may wait for
// somebody to write, and a device, which may never end, are refused.
func readFile(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%s has more than %d bytes", name, most)
	}
	return b, err
}

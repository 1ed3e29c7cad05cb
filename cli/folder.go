package cli

import (
	"os"
	"path"
)

// folder is a Folder on disk. os.Root keeps every name inside, links included.
type folder struct{ *os.Root }

func openFolder(name string) (Folder, error) {
	if err := os.MkdirAll(name, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return folder{root}, nil
}

func (f folder) ReadFile(name string) ([]byte, error) { return f.Root.ReadFile(name) }

// WriteFile writes beside the file and puts it in its place at once, so that an
// interrupted render leaves no half of one.
func (f folder) WriteFile(name string, content []byte) error {
	if dir := path.Dir(name); dir != "." {
		if err := f.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	beside := name + ".fathom-new"
	if err := f.Root.WriteFile(beside, content, 0o666); err != nil {
		return err
	}
	return f.Rename(beside, name)
}

// Remove takes a file away, and the folders that it leaves empty.
func (f folder) Remove(name string) error {
	if err := f.Root.Remove(name); err != nil {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if f.Root.Remove(dir) != nil {
			break // it is not empty
		}
	}
	return nil
}

package cli

import (
	"errors"
	"io/fs"
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

// ReadFile reads files only: a pipe would wait for somebody to write.
func (f folder) ReadFile(name string) ([]byte, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	return f.Root.ReadFile(name)
}

// WriteFile writes beside the file and puts it in its place at once, so that an
// interrupted render leaves no half of one.
func (f folder) WriteFile(name string, content []byte) (err error) {
	if dir := path.Dir(name); dir != "." {
		if err := f.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	beside := name + ".fathom-new"
	if err := f.Root.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a render that was killed
		return err
	}
	w, err := f.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Root.Remove(beside))
		}
	}()
	if _, err := w.Write(content); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
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

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// rendering measures fathom render as a whole process, into a folder that is not
// there yet and into the same one again.
func rendering(runs int, bin, dir string) error {
	fmt.Printf("\n%-34s %9s %10s\n", "render of", "seconds", "peak MB")
	for _, example := range []string{"shopnow", "bazaar"} {
		name, err := lasting(dir, example)
		if err != nil {
			return err
		}
		var first measure
		for i := range max(runs, 1) {
			m, err := fastest(1, bin, "render", name, "-o", filepath.Join(dir, example, fmt.Sprint(i)))
			if err != nil {
				return err
			}
			if i == 0 || m.seconds < first.seconds {
				first = m
			}
		}
		again, err := fastest(runs, bin, "render", name, "-o", filepath.Join(dir, example, "0"))
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %9.2f %10.0f\n", "examples/"+example, first.seconds, first.peakMB)
		fmt.Printf("%-34s %9.2f %10.0f\n", "  again, nothing changed", again.seconds, again.peakMB)
	}
	return nil
}

// lasting copies an example's declaration without its exceptions, which end on a
// day.
func lasting(dir, example string) (string, error) {
	text, err := os.ReadFile(filepath.Join("examples", example, "platform.yaml"))
	if err != nil {
		return "", err
	}
	kept, _, _ := strings.Cut(string(text), "\nexceptions:") // the last key
	name := filepath.Join(dir, example+".yaml")
	return name, os.WriteFile(name, []byte(kept+"\n"), 0o666)
}

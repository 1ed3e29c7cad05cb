package kubetest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestNothingOutlivesAKilledTest kills a test that has started a program. Both
// hold the writing end of a pipe, which the reader sees closed once both are
// gone.
func TestNothingOutlivesAKilledTest(t *testing.T) {
	if pipe := os.Getenv("KUBETEST_PIPE"); pipe != "" { // the test that is killed
		if _, err := launch("sh", pipe, "/bin/sh", "-c", "echo running; exec sleep 60"); err != nil {
			t.Fatal(err)
		}
		select {}
	}

	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	victim.Env = append(os.Environ(), "KUBETEST_PIPE="+pipe)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	read, err := os.Open(pipe) // waits for the writers
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if _, err := io.ReadFull(read, make([]byte, len("running\n"))); err != nil {
		t.Fatal(err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	if err := read.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 {
		t.Errorf("read %q, %v", rest, err)
	}
}

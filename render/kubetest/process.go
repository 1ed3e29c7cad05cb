package kubetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// A process is a program that runs until it is stopped.
type process struct {
	name string
	log  string // file that holds what it prints
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended
}

// launch starts a program. Its last words are in the file log.
func launch(name, log, bin string, args ...string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	p := &process{name: name, log: log, cmd: exec.Command(bin, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	endWithParent(p.cmd)

	started := make(chan error)
	go func() {
		// Linux ends the child when the thread that started it ends, so the
		// thread has to stay for as long as the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer out.Close()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // it is killed in the end: there is always an error
			close(p.done)
		}
	}()
	return p, <-started
}

// stop kills the program, whose data nobody needs any more, and waits for it.
func (p *process) stop() {
	if p != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

var errPortTaken = errors.New("a port was taken before it was used")

// alive returns why the program has ended by itself, if it has.
func (p *process) alive() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err
	}
	if bytes.Contains(text, []byte("address already in use")) {
		return errPortTaken
	}
	return p.lastWords("has ended")
}

// lastWords is an error that says what is the matter with the program, and holds
// the end of what it has printed.
func (p *process) lastWords(what string) error {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return fmt.Errorf("%s %s; it says:\n%s", p.name, what, bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}

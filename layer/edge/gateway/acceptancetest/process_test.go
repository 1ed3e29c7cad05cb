package acceptancetest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	// The program is built by TestMain, which go test does not see: a result that it
	// kept would outlive the code.
	_ "fathom/cli"
)

// program is the fathom that is tested.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "fathom")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "fathom")
		if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "fathom/cmd/fathom").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building fathom: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// process is a fathom gateway that runs.
type process struct {
	t     *testing.T
	dir   string
	addr  string // of the first listener
	admin string
	run   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	log []string // stderr, by lines
}

// start runs a gateway with a configuration, in which ORIGIN is an origin's URL,
// and whose files are in dir. The test ends it.
func start(t *testing.T, dir, config, origin string) *process {
	t.Helper()
	write(t, dir, "gateway.yaml", "admin: 127.0.0.1:0\n"+strings.ReplaceAll(config, "ORIGIN", origin))
	p := &process{t: t, dir: dir, ended: make(chan struct{})}
	p.run = exec.Command(program, "gateway", "--config", filepath.Join(dir, "gateway.yaml"))
	stderr, err := p.run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(stderr)
	t.Cleanup(func() {
		p.run.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", p.said())
		}
	})
	var up struct {
		Addresses []string
		Admin     string
	}
	eventually(t, "the gateway listens", func() bool {
		line, ok := p.saying("listening")
		return ok && json.Unmarshal([]byte(line), &up) == nil || p.over()
	})
	if p.over() {
		t.Fatal("the gateway ended")
	}
	p.addr, p.admin = up.Addresses[0], "http://"+up.Admin
	return p
}

func (p *process) read(stderr io.Reader) {
	for s := bufio.NewScanner(stderr); s.Scan(); {
		p.mu.Lock()
		p.log = append(p.log, s.Text())
		p.mu.Unlock()
	}
	p.run.Wait()
	close(p.ended)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log, "\n")
}

// saying is the first line of the log with a message.
func (p *process) saying(message string) (string, bool) {
	for line := range strings.Lines(p.said()) {
		if strings.Contains(line, `"msg":"`+message+`"`) {
			return line, true
		}
	}
	return "", false
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.run.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end asks it to end, and waits.
func (p *process) end() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.wait()
}

// wait waits for it to end as it was asked.
func (p *process) wait() {
	p.t.Helper()
	eventually(p.t, "the gateway ends", p.over)
	if code := p.run.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("the gateway ended with %s", p.run.ProcessState)
	}
}

// ask is an answer of the admin listener.
func (p *process) ask(method, path string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequest(method, p.admin+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return do(p.t, http.DefaultClient, r)
}

// metric is a number of /metrics, and 0 where it is not there.
func (p *process) metric(name string) (value float64) {
	p.t.Helper()
	_, text := p.ask("GET", "/metrics")
	for line := range strings.Lines(text) {
		if number, ok := strings.CutPrefix(line, "fathom_gateway_"+name+" "); ok {
			if _, err := fmt.Sscan(number, &value); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	return value
}

func do(t *testing.T, c *http.Client, r *http.Request) (int, string) {
	t.Helper()
	a, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// eventually waits far longer than anything takes, also on a busy machine.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a minute later still not: %s", what)
		}
	}
}

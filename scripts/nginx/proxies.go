package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fathom/layer/edge/gateway"
)

// The configurations. Words in capitals are replaced.
var (
	//go:embed testdata/origin.conf
	originConf string
	//go:embed testdata/proxy.conf
	proxyConf string
	//go:embed testdata/modsecurity.conf
	modsecurityConf string
	//go:embed testdata/gateway.yaml
	gatewayYAML string
	//go:embed testdata/acl.json
	aclJSON string
)

const rules = "Core Rule Set: of Debian's package in ModSecurity, 4.25 through Coraza in the gateway; both at paranoia level 1, threshold 5, blocking, responses not inspected"

// contenders are compared in this order.
var contenders = []struct {
	name  string
	waf   bool
	start func(*bench, context.Context) (*process, error)
}{
	{"nginx", false, func(b *bench, ctx context.Context) (*process, error) {
		return b.startNginx(ctx, "proxy", strings.NewReplacer("MODULE", "", "MODSECURITY", "").Replace(proxyConf))
	}},
	{"gateway", false, func(b *bench, ctx context.Context) (*process, error) { return b.startGateway(ctx, "plain", "") }},
	{"nginx + ModSecurity + CRS", true, func(b *bench, ctx context.Context) (*process, error) {
		conf := strings.ReplaceAll(modsecurityConf, "DIR", b.dir)
		if err := os.WriteFile(b.file("modsecurity.conf"), []byte(conf), 0o644); err != nil {
			return nil, err
		}
		on := strings.NewReplacer(
			"MODULE", "load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;",
			"MODSECURITY", "modsecurity on; modsecurity_rules_file "+b.file("modsecurity.conf")+";",
		)
		return b.startNginx(ctx, "waf", on.Replace(proxyConf))
	}},
	{"gateway + web ACL", true, func(b *bench, ctx context.Context) (*process, error) {
		if err := os.WriteFile(b.file("acl.json"), []byte(aclJSON), 0o644); err != nil {
			return nil, err
		}
		return b.startGateway(ctx, "acl", "acl: {files: [acl.json]}\n")
	}},
	{"gateway + CRS", true, func(b *bench, ctx context.Context) (*process, error) {
		return b.startGateway(ctx, "crs", "crs: {mode: block, paranoia: 1, threshold: 5}\n")
	}},
}

// process is a server that was started here.
type process struct {
	name, address string
	cmd           *exec.Cmd
}

// processors are where the proxy runs, and where all else does.
func processors() (proxy, others string) {
	if runtime.NumCPU() < 2 {
		return "0", "0"
	}
	return "1", "0"
}

// startNginx runs nginx with one worker in the foreground.
func (b *bench) startNginx(ctx context.Context, name, conf string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	conf = strings.NewReplacer("DIR", b.dir, "NAME", name, "LISTEN", address, "ORIGIN", b.origin).Replace(conf)
	file := b.file(name + ".conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return nil, err
	}
	on, others := processors()
	if name == "origin" {
		on = others
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", on, "nginx", "-p", b.dir, "-c", file, "-e", b.file(name+".err"))
	p := &process{address: address, cmd: cmd}
	if err := p.run(b.stderr); err != nil {
		return nil, err
	}
	return p, p.wait()
}

// startGateway runs this program as the gateway.
func (b *bench) startGateway(ctx context.Context, name, extra string) (*process, error) {
	file := b.file(name + ".yaml")
	text := strings.NewReplacer("ORIGIN", b.origin).Replace(gatewayYAML) + extra
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	on, _ := processors()
	cmd := exec.CommandContext(ctx, "taskset", "-c", on, self, "gateway", file)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	if err := p.run(b.stderr); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("it did not start: %w", err)
	}
	p.address = strings.TrimSpace(line)
	return p, p.wait()
}

func (p *process) run(stderr io.Writer) error {
	p.cmd.Stderr = stderr
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 5 * time.Second
	return p.cmd.Start()
}

// wait waits until it listens.
func (p *process) wait() error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", p.address); err == nil {
			return c.Close()
		}
		if p.cmd.Process.Signal(syscall.Signal(0)) != nil {
			break
		}
	}
	p.stop()
	return errors.New("it does not listen")
}

// stop ends it and waits for it.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	p.cmd.Wait()                          //nolint:errcheck // it was told to end
}

// spent is the processor time of the process and of those that it started.
func (p *process) spent() time.Duration {
	total := ticks(p.cmd.Process.Pid)
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.cmd.Process.Pid))
	for _, f := range strings.Fields(string(children)) {
		if pid, err := strconv.Atoi(f); err == nil {
			total += ticks(pid)
		}
	}
	return time.Duration(total) * 10 * time.Millisecond // USER_HZ is 100 on every Linux
}

// ticks are utime and stime of /proc/PID/stat, its fields 14 and 15.
func ticks(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return user + system
}

// freeAddress is an address of loopback that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// runGateway is the gateway as fathom gateway starts it. The first line says
// where it listens.
func runGateway(ctx context.Context, file string, stdout, stderr io.Writer) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config, problems := gateway.Parse(file, source)
	for _, p := range problems {
		fmt.Fprintln(stderr, p)
	}
	if config == nil {
		return errors.New("the configuration is not good")
	}
	s, err := gateway.New(config, gateway.Options{})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, s.Addrs()[0])
	<-ctx.Done()
	return s.Shutdown(context.WithoutCancel(ctx))
}

package crstest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// target is what the tests are run against.
type target interface {
	address() string
	// end stops it. Then what it logged is complete: by the client's address, the
	// ids of rules and their texts.
	end(t testing.TB) map[netip.Addr]logged
}

// logged is what a target logged of one client.
type logged struct {
	ids   []int
	lines []string
}

// answer is what came back of a request.
type answer struct {
	status int
	err    string
}

// workers is how many requests are under way at once.
const workers = 6

// verdicts runs all cases, and gives for each that fails, why.
func verdicts(t testing.TB, to target, cases []testCase) map[string]string {
	t.Helper()
	answers := make([][]answer, len(cases))
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				for j := range cases[i].Stages {
					answers[i] = append(answers[i], send(to.address(), client(i, j), &cases[i].Stages[j].Input))
				}
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	logs := to.end(t)
	failed := map[string]string{}
	for i, c := range cases {
		for j := range c.Stages {
			if why := c.Stages[j].Output.judge(answers[i][j], logs[client(i, j)]); why != "" {
				failed[c.ID] = why
				break
			}
		}
	}
	return failed
}

// client is the address that a stage is sent from: each has one of its own, so
// that what is logged can be told apart. All are of this machine.
func client(i, stage int) netip.Addr {
	return netip.AddrFrom4([4]byte{127, byte(1 + stage), byte(i >> 8), byte(i)})
}

// send sends a request, reads the answer, and waits until the server is done.
func send(to string, from netip.Addr, in *input) answer {
	request, err := in.bytes()
	if err != nil {
		return answer{err: err.Error()}
	}
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), Timeout: 20 * time.Second}
	c, err := d.Dial("tcp", to)
	if err != nil {
		return answer{err: "no connection: " + err.Error()}
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second)) //nolint:errcheck // it can
	if _, err := c.Write(request); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		return answer{err: "not sent: " + err.Error()}
	}
	r := bufio.NewReader(c)
	a, err := http.ReadResponse(r, nil)
	if err != nil {
		return answer{err: without(err)}
	}
	c.(*net.TCPConn).CloseWrite() //nolint:errcheck // it may be closed
	io.Copy(io.Discard, r)        //nolint:errcheck // the answer was read
	return answer{status: a.StatusCode}
}

// without is an error without the addresses of the connection.
func without(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "no answer: closed"
	}
	return err.Error()
}

// judge says why a stage does not pass, or nothing.
func (o *output) judge(a answer, l logged) string {
	if o.ExpectError {
		if a.err == "" {
			return fmt.Sprintf("status %d, and not an error", a.status)
		}
		return ""
	}
	if a.err != "" {
		return a.err
	}
	if o.Status != 0 && o.Status != a.status {
		return fmt.Sprintf("status %d, not %d", a.status, o.Status)
	}
	var why []string
	if p := o.Log.MatchRegex; p != "" && !l.matches(p) {
		why = append(why, "no line of the log matches")
	}
	if p := o.Log.NoMatchRegex; p != "" && l.matches(p) {
		why = append(why, "a line of the log matches")
	}
	for _, id := range o.Log.ExpectIDs {
		if !slices.Contains(l.ids, id) {
			why = append(why, fmt.Sprintf("status %d without %d", a.status, id))
		}
	}
	for _, id := range o.Log.NoExpectIDs {
		if slices.Contains(l.ids, id) {
			why = append(why, fmt.Sprintf("status %d with %d", a.status, id))
		}
	}
	return strings.Join(why, "; ")
}

func (l *logged) matches(pattern string) bool {
	return slices.ContainsFunc(l.lines, regexp.MustCompile(pattern).MatchString)
}

package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"
)

// stuck is a log that takes nothing until it is let go.
type stuck struct {
	free chan struct{}
	got  bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.free
	return s.got.Write(p)
}

func TestALogThatIsStuckLosesLinesAndNoTime(t *testing.T) {
	to := &stuck{free: make(chan struct{})}
	w := NewWriter(to, WriterOptions{Lines: 10, Every: time.Millisecond})
	for i := range 200_000 { // more than fits in memory and in the batch under way
		w.Line(func(b []byte) []byte { return fmt.Appendf(b, "line %d", i) })
	}
	c := w.Counts()
	if c.Dropped == 0 {
		t.Error("nothing was dropped")
	}
	close(to.free)
	w.Close()
	c = w.Counts()
	if n := uint64(bytes.Count(to.got.Bytes(), []byte("\n"))); n != c.Written || c.Written+c.Dropped != 200_000 {
		t.Errorf("%d lines in the log, %+v", n, c)
	}
	w.Line(func(b []byte) []byte { return append(b, "late"...) })
	if w.Counts().Dropped != c.Dropped+1 {
		t.Error("a line after the end is not counted")
	}
}

func TestCloseWritesWhatWaits(t *testing.T) {
	var got bytes.Buffer
	w := NewWriter(&got, WriterOptions{Every: time.Hour})
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for range 100 {
				w.Line(func(b []byte) []byte { return append(b, "x"...) })
			}
		})
	}
	work.Wait()
	w.Close()
	w.Close()
	if got.Len() != 1600 {
		t.Errorf("%d bytes", got.Len())
	}
}

func FuzzAccess(f *testing.F) {
	f.Add("/a", "curl\"\\", "\xff\x00 \u2028")
	f.Fuzz(func(t *testing.T, path, agent, why string) {
		a := Access{Path: path, Agent: agent, Why: why, Status: 200}
		var got struct{ Path, Agent, Why string }
		if err := json.Unmarshal(a.Append(nil), &got); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ in, out string }{{path, got.Path}, {agent, got.Agent}, {why, got.Why}} {
			if want := string(bytes.ToValidUTF8([]byte(c.in), []byte("\ufffd"))); want != c.out && len([]rune(c.in)) != len([]rune(c.out)) {
				t.Errorf("%q became %q", c.in, c.out)
			}
		}
	})
}

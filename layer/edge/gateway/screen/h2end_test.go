package screen

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
)

func TestTheEndOfAConnectionOfHTTP2IsSaidBefore(t *testing.T) {
	l := h2Listener(t)
	s := speak(t, l.Addr())
	get := []string{":method", "GET", ":scheme", "https", ":path", "/x", ":authority", "shop"}
	s.ask(1, 1000, 0, true, get...)
	if status, _ := s.answer(t, 1); status != "200" {
		t.Fatal(status)
	}
	l.Drain()
	for {
		f, err := s.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if g, ok := f.(*http2.GoAwayFrame); ok {
			if g.LastStreamID != lastStream || g.ErrCode != http2.ErrCodeNo {
				t.Fatalf("the first GOAWAY is %v", g)
			}
			break
		}
	}
	s.ask(3, 1000, 0, true, get...) // was on its way
	if status, _ := s.answer(t, 3); status != "200" {
		t.Error(status)
	}
}

func TestFramesAreFollowedHoweverTheyAreWritten(t *testing.T) {
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	f.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 14})
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte("abc")})
	open := b.Len()
	f.WriteContinuation(1, true, []byte("def"))
	ends := map[int]bool{9 + 6: true, b.Len(): true}
	f.WriteData(1, false, make([]byte, 20))
	ends[b.Len()] = true
	for piece := 1; piece <= b.Len(); piece++ {
		var w frames
		if w.between() {
			t.Fatal("a frame before SETTINGS")
		}
		for at := 0; at < b.Len(); {
			next := min(at+piece, b.Len())
			w.follow(b.Bytes()[at:next])
			if at = next; w.between() != ends[at] {
				t.Fatalf("in pieces of %d: after %d bytes another frame may be written: %t (a head is open at %d)", piece, at, w.between(), open)
			}
		}
	}
}

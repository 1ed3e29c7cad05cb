package crstest

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"
	corazahttp "github.com/corazawaf/coraza/v3/http"
	"github.com/corazawaf/coraza/v3/types"
)

// setup are the settings with which Coraza's maintainers run these tests: the
// rules of paranoia level 4, and limits that the tests of limits go beyond.
const setup = `SecAction "id:900005,phase:1,nolog,pass,\
  setvar:tx.crs_validate_utf8_encoding=1,\
  setvar:tx.arg_name_length=100,\
  setvar:tx.arg_length=400,\
  setvar:tx.total_arg_length=64000,\
  setvar:tx.max_num_args=255,\
  setvar:tx.max_file_size=64100,\
  setvar:tx.combined_file_sizes=65535"
`

// baseline is Coraza's own middleware before the backend.
type baseline struct {
	*httptest.Server
	mu  sync.Mutex
	log map[netip.Addr]logged
}

func newBaseline(t testing.TB) *baseline {
	t.Helper()
	b := &baseline{log: map[netip.Addr]logged{}}
	waf, err := coraza.NewWAF(coraza.NewWAFConfig().WithRootFS(coreruleset.FS).WithErrorCallback(b.note).
		WithDirectives("Include @coraza.conf-recommended").
		WithDirectives(`
SecResponseBodyMimeType text/plain
SecDefaultAction "phase:3,log,auditlog,pass"
SecDefaultAction "phase:4,log,auditlog,pass"
SecDefaultAction "phase:5,log,auditlog,pass"
SecAuditEngine Off
SecAction "id:900000,phase:1,nolog,pass,ctl:ruleEngine=DetectionOnly,setvar:tx.blocking_paranoia_level=4,setvar:tx.detection_paranoia_level=4"
` + setup).
		WithDirectives("Include @crs-setup.conf.example").
		WithDirectives("Include @owasp_crs/*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	b.Server = httptest.NewServer(corazahttp.WrapHandler(waf, http.HandlerFunc(backend)))
	return b
}

func (b *baseline) note(m types.MatchedRule) {
	from, err := netip.ParseAddr(m.ClientIPAddress())
	if err != nil {
		panic(err) // the address is that of a connection of ours
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.log[from]
	l.ids = append(l.ids, m.Rule().ID())
	l.lines = append(l.lines, m.ErrorLog())
	b.log[from] = l
}

func (b *baseline) address() string { return b.Listener.Addr().String() }

func (b *baseline) end(testing.TB) map[netip.Addr]logged {
	b.Close()
	return b.log
}

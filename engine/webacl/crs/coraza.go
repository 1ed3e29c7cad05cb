package crs

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/corazawaf/coraza/v3"
	"github.com/corazawaf/coraza/v3/experimental"
	"github.com/corazawaf/coraza/v3/types"
)

// inspector is the rule set in Coraza.
type inspector struct {
	waf     coraza.WAF
	options Options
	rules   []Rule
}

// New sets the rule set up. It takes about a second, most of it regular
// expressions; an Inspector is made once and used for all requests.
func New(o Options) (Inspector, error) {
	if o.Paranoia == 0 {
		o.Paranoia = 1
	}
	if o.Detection == 0 {
		o.Detection = o.Paranoia
	}
	if o.Paranoia < 1 || o.Paranoia > 4 {
		return nil, fmt.Errorf("the paranoia level is %d; use 1 to 4", o.Paranoia)
	}
	if o.Detection < o.Paranoia || o.Detection > 4 {
		return nil, fmt.Errorf("the detection level is %d; use %d to 4", o.Detection, o.Paranoia)
	}
	if o.Threshold < 0 || o.ResponseThreshold < 0 || o.BodyLimit < 0 {
		return nil, errors.New("a threshold or body limit is negative; use 0 for the default")
	}
	in := &inspector{options: o}
	raw := map[int]string{}
	screening := &screening{}
	if !o.Plain {
		register()
		o.screen = strconv.FormatInt(screens.Add(1), 10)
		waiting.Store(o.screen, screening)
		defer waiting.Delete(o.screen)
	}
	config := coraza.NewWAFConfig().WithRootFS(ruleFiles(o))
	config = experimental.WAFConfigWithRuleObserver(config, func(r types.RuleMetadata) {
		if r.ID() != 0 {
			in.rules = append(in.rules, ruleOf(r))
			if r.Phase() == types.PhaseRequestBody && r.ID() >= 900000 {
				raw[r.ID()] = r.Raw()
			}
		}
	})
	config = config.WithDirectives("Include @coraza.conf-recommended").WithDirectives(o.settings())
	if o.Directives != "" {
		config = config.WithDirectives(o.Directives)
	}
	config = config.WithDirectives("Include @crs-setup.conf.example")
	includes, err := o.includes()
	if err != nil {
		return nil, err
	}
	waf, err := coraza.NewWAF(config.WithDirectives(includes))
	if err != nil {
		return nil, err
	}
	in.waf = waf
	if !o.Plain {
		screening.s = newScreen(raw, ruleFiles(o))
	}
	in.forget()
	return in, nil
}

// forget leaves the removed rules out of the list, and sorts it.
func (in *inspector) forget() {
	in.rules = slices.DeleteFunc(in.rules, func(r Rule) bool {
		return slices.ContainsFunc(in.options.Remove, func(g Range) bool { return g.First <= r.ID && r.ID <= g.Last })
	})
	slices.SortFunc(in.rules, func(a, b Rule) int { return a.ID - b.ID })
}

// The ids of our own rules, which no result names.
const (
	settingsRule = 899990
	screenRule   = 899991
)

// screens counts the rule sets of the process.
var screens atomic.Int64

// settings are the directives between Coraza's recommended configuration and
// the rule set.
func (o Options) settings() string {
	limit := o.BodyLimit
	if limit == 0 {
		limit = 13107200
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("SecRuleEngine DetectionOnly")
	line("SecAuditEngine Off")
	// A body is in memory already; Coraza would write a second copy to a file.
	// The limit is one more, because Coraza takes a body of exactly the limit for
	// one that was cut.
	line("SecRequestBodyLimit %d", limit+1)
	line("SecRequestBodyInMemoryLimit %d", limit+1)
	line("SecRequestBodyLimitAction ProcessPartial")
	line(`SecDefaultAction "phase:5,log,auditlog,pass"`)
	if o.Responses {
		line(`SecDefaultAction "phase:3,log,auditlog,pass"`)
		line(`SecDefaultAction "phase:4,log,auditlog,pass"`)
	} else {
		line("SecResponseBodyAccess Off")
	}
	if !o.Plain {
		line("SecRxPreFilter On")
	}
	set := []string{
		"tx.blocking_paranoia_level=" + strconv.Itoa(o.Paranoia),
		"tx.detection_paranoia_level=" + strconv.Itoa(o.Detection),
	}
	if o.Threshold > 0 {
		set = append(set, "tx.inbound_anomaly_score_threshold="+strconv.Itoa(o.Threshold))
	}
	if o.ResponseThreshold > 0 {
		set = append(set, "tx.outbound_anomaly_score_threshold="+strconv.Itoa(o.ResponseThreshold))
	}
	line(`SecAction "id:%d,phase:1,pass,t:none,nolog,setvar:%s"`, settingsRule, strings.Join(set, ",setvar:"))
	if o.screen != "" {
		line(`SecAction "id:%d,phase:2,pass,t:none,nolog,%s:%s"`, screenRule, screenAction, o.screen)
	}
	return b.String()
}

// includes are the directives that load the rules. Rules of responses are not
// loaded where responses are not inspected.
func (o Options) includes() (string, error) {
	names, err := fs.Glob(ruleFiles(o), "@owasp_crs/*.conf")
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", errors.New("the rule set has no files")
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		if !o.Responses && strings.HasPrefix(name, "@owasp_crs/RESPONSE-") && !strings.Contains(name, "-980-") {
			continue
		}
		fmt.Fprintf(&b, "Include %s\n", name)
	}
	for _, r := range o.Remove {
		if r.First > r.Last {
			return "", fmt.Errorf("the range of rules %d-%d is empty", r.First, r.Last)
		}
		fmt.Fprintf(&b, "SecRuleRemoveById \"%d-%d\"\n", r.First, r.Last)
	}
	return b.String(), nil
}

// Rules are the rules that are loaded, by id.
func (in *inspector) Rules() []Rule { return in.rules }

func ruleOf(r types.RuleMetadata) Rule {
	return Rule{
		ID: r.ID(), File: r.File(), Phase: int(r.Phase()), Tags: r.Tags(),
		Paranoia: paranoiaOf(r.Tags()),
	}
}

// paranoiaOf finds the level in a rule's tags; rules without one have no level.
func paranoiaOf(tags []string) int {
	for _, t := range tags {
		if level, ok := strings.CutPrefix(t, "paranoia-level/"); ok {
			n, _ := strconv.Atoi(level)
			return n
		}
	}
	return 0
}

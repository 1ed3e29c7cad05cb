package mesh

import (
	"slices"
	"strconv"
	"sync"

	"fathom/estate"
)

// cache keeps what is worked out once: most questions are about the same few
// ports, and callers that nothing tells apart get the same answers.
type cache struct {
	mu     sync.Mutex
	hosts  map[*estate.Workload]*station
	doors  map[doorKey]*door
	guards map[*estate.Workload]*guard
	spaces map[string]*space
	// classes numbers the classes of callers.
	classes map[string]int
}

func newCache() *cache {
	return &cache{hosts: map[*estate.Workload]*station{}, doors: map[doorKey]*door{}, guards: map[*estate.Workload]*guard{}, spaces: map[string]*space{}, classes: map[string]int{}}
}

// station is a workload as a caller.
type station struct {
	proxy proxy
	id    *identity // over mutual TLS
	// class is the same for callers that no policy and no rule tells apart.
	class int
}

// stationOf is a workload as a caller. The cache is locked.
func (m *Mesh) stationOf(w *estate.Workload) *station {
	if s := m.cache.hosts[w]; s != nil {
		return s
	}
	s := &station{proxy: m.proxyOf(w), id: m.identify(Caller{Workload: w}, Mutual, false)}
	class := []byte{byte(s.proxy.is), 0}
	if s.proxy.ambient {
		class[1] = 1
	}
	for _, ps := range m.spaced {
		for _, p := range m.policies[ps] {
			for _, t := range p.consts {
				if t.attr <= peerDomain {
					holds, _ := s.id.meets(t, 0)
					class = append(class, '0'+byte(holds))
				}
			}
		}
	}
	for _, a := range []string{"excludeOutboundPorts", "excludeOutboundIPRanges", "includeOutboundIPRanges"} {
		v, ok := w.PodAnnotations[traffic+a]
		class = append(class, strconv.FormatBool(ok)+v+"|"...)
	}
	if len(m.rules) > 0 { // they are by namespace, and by the client's labels
		class = append(class, w.Namespace...)
		for _, r := range m.rules {
			class = append(class, strconv.FormatBool(forClient(r, w))...)
		}
	}
	n, ok := m.cache.classes[string(class)]
	if !ok {
		n = len(m.cache.classes) + 1
		m.cache.classes[string(class)] = n
	}
	s.class = n
	m.cache.hosts[w] = s
	return s
}

type doorKey struct {
	of   *estate.Workload
	port int
}

// door is a port of a workload: what stands before it, whoever calls.
type door struct {
	of       *estate.Workload
	port     int
	proxy    proxy
	fronts   []front
	dialled  []int // the ports that callers may dial to get there
	demands  []demand
	protocol Protocol
	guard    *guard

	mu      sync.Mutex
	answers map[answerKey]answer
}

type answerKey struct {
	class    int // 0 outside the cluster
	addrs    string
	protocol Protocol
}

type answer struct {
	admits estate.Truth
	every  bool
}

// doorOf is a port of a workload.
func (m *Mesh) doorOf(w *estate.Workload, port int) *door {
	m.cache.mu.Lock()
	defer m.cache.mu.Unlock()
	key := doorKey{w, port}
	if d := m.cache.doors[key]; d != nil {
		return d
	}
	d := &door{
		of: w, port: port, proxy: m.stationOf(w).proxy, fronts: m.fronts(w, port), demands: m.demands(w, port), guard: m.guardOf(w),
		dialled: []int{port}, answers: map[answerKey]answer{},
	}
	if annotation, out := aroundIn(w, port); out && d.proxy.is != estate.No && !d.proxy.ambient {
		d.proxy = proxy{says: "port " + strconv.Itoa(port) + " of " + title(w) + " is led around its proxy (" + annotation + ")", of: w, at: atMeta(w, "annotations", annotation)}
	}
	for i, f := range d.fronts {
		if p := int(f.port.Port); !slices.Contains(d.dialled, p) {
			d.dialled = append(d.dialled, p)
		}
		switch p := declaredProtocol(f.port); {
		case i == 0:
			d.protocol = p
		case p != d.protocol:
			d.protocol = Detect
		}
	}
	if g, p := m.serves(w, port); g != nil {
		d.protocol = p
	}
	m.cache.doors[key] = d
	return d
}

// Protocol is what Istio takes for the protocol of a port of a workload's pods
// ("Protocol Selection"): HTTP or TCP where the Services that lead to it
// declare one and agree, Detect otherwise.
func (m *Mesh) Protocol(w *estate.Workload, port int) Protocol { return m.doorOf(w, port).protocol }

// Lets is Admits without words, for who asks about every pair of workloads:
// answers are kept, and callers that nothing tells apart share them.
func (m *Mesh) Lets(src Caller, dst *estate.Workload, port int, p Protocol) (admits estate.Truth, every bool) {
	if !m.declared {
		return estate.Yes, true
	}
	d := m.doorOf(dst, port)
	key := answerKey{addrs: addrsKey(src.Addrs), protocol: p}
	if src.Workload != nil {
		m.cache.mu.Lock()
		key.class = m.stationOf(src.Workload).class
		m.cache.mu.Unlock()
	}
	d.mu.Lock()
	a, ok := d.answers[key]
	d.mu.Unlock()
	if !ok {
		v := m.Admits(src, dst, port, p)
		a = answer{v.Admits, v.Every}
		d.mu.Lock()
		d.answers[key] = a
		d.mu.Unlock()
	}
	return a.admits, a.every
}

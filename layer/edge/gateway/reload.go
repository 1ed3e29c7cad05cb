package gateway

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"
)

// Reload reads the files of the configuration again: the web ACL and its lists,
// geo databases, secrets and certificates; log files are opened again by their
// names. Requests under way keep what they began with. Where something is wrong
// all of it stays as it was, and the error says what.
func (s *Server) Reload() error {
	s.reload.Lock()
	defer s.reload.Unlock()
	next, err := s.load()
	for _, k := range s.keys {
		if err == nil {
			err = k.check()
		}
	}
	logs, failed := s.nextLogs()
	if err = errors.Join(err, failed); err != nil {
		closeFiles(logs)
		s.metrics.Reloads.WithLabelValues("failed").Inc()
		s.log.Error("a reload failed; what was loaded before stays in force", "error", err)
		return err
	}
	for _, k := range s.keys {
		err = errors.Join(err, k.load())
	}
	for i, f := range s.files {
		err = errors.Join(err, f.Swap(logs[i]))
	}
	s.live.Store(next)
	s.metrics.Reloads.WithLabelValues("ok").Inc()
	s.log.Info("reloaded", "acl", next.acl.Name, "rules", next.acl.Rules)
	return err
}

// check says whether the files hold certificates, and changes nothing.
func (k *keys) check() error { return (&keys{files: k.files}).load() }

// watchEvery is how often files are looked at.
const watchEvery = time.Second

// watch reloads when a file changed and has stood still since: who writes a file
// in place is not read half-way.
func (s *Server) watch(ctx context.Context) {
	defer s.serving.Done()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	loaded := s.stamp()
	last := loaded
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := s.stamp()
		if now != loaded && now == last {
			loaded = now
			s.Reload() //nolint:errcheck // it is logged and counted
		}
		last = now
	}
}

// stamp tells states of the files apart.
func (s *Server) stamp() string {
	var b []byte
	for _, name := range s.config.watched() {
		b = append(b, name...)
		if info, err := os.Stat(name); err == nil {
			b = info.ModTime().AppendFormat(b, time.RFC3339Nano)
			b = append(b, ' ')
			b = strconv.AppendInt(b, info.Size(), 10)
		}
		b = append(b, '\n')
	}
	return string(b)
}

// watched are the files that a reload reads.
func (c *Config) watched() []string {
	out := append([]string{}, c.ACL.Files...)
	for _, n := range c.ACL.Lists {
		out = append(out, n)
	}
	out = append(out, c.Geo.Country, c.Geo.ASN)
	if c.Secret.Insert != nil {
		out = append(out, c.Secret.Insert.File)
	}
	for _, s := range c.Secret.Verify {
		out = append(out, s.File)
	}
	if c.Token != nil {
		for _, s := range c.Token.Keys {
			out = append(out, s.File)
		}
	}
	if c.Proof != nil {
		for _, k := range c.Proof.Keys {
			if k.Secret != nil {
				out = append(out, k.Secret.File)
			}
		}
	}
	for _, l := range c.Listen {
		if l.TLS == nil {
			continue
		}
		for _, k := range l.TLS.Certificates {
			out = append(out, k.Cert, k.Key)
		}
	}
	return sortedNames(out)
}

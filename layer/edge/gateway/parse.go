package gateway

import (
	"path/filepath"
	"time"

	"fathom/diag"
	"fathom/layer/edge/gateway/origin"
)

// Parse reads a configuration. Names of files in it are relative to the folder
// of file. With any problem there is no configuration.
func Parse(file string, source []byte) (*Config, diag.Problems) {
	var problems diag.Problems
	c := &Config{file: file, at: map[string]diag.Pos{}}
	d := &decoder{file: file, problems: &problems, at: c.at}
	d.decode(source, c)
	if len(problems) == 0 {
		c.resolve(filepath.Dir(file))
		c.fill()
		c.check(&problems)
	}
	if len(problems) > 0 {
		return nil, problems.Sorted()
	}
	return c, nil
}

// Quick is the configuration of a first try: one web ACL before one origin,
// without encryption, on one address.
func Quick(acl, url, listen string) (*Config, diag.Problems) {
	c := &Config{
		Listen: []Listen{{Address: listen, Plain: true}}, Routes: []Route{{To: "origin"}},
		Origins: map[string]origin.Config{"origin": {URLs: []string{url}}}, Log: Log{Access: "stdout"},
	}
	if acl != "" {
		c.ACL.Files = []string{acl}
	}
	c.fill()
	var problems diag.Problems
	c.check(&problems)
	return c, problems.Sorted()
}

// fill puts the defaults in place that are not those of another package.
func (c *Config) fill() {
	c.Admin = or(c.Admin, "127.0.0.1:9901")
	c.HSTS.MaxAge = or(c.HSTS.MaxAge, 365*24*time.Hour)
	c.Secret.Header = or(c.Secret.Header, "X-Origin-Verify")
	c.ACL.Undecidable = or(c.ACL.Undecidable, "allow")
	c.CRS.Mode = or(c.CRS.Mode, "off")
	c.CRS.Body = or(c.CRS.Body, 128<<10)
	c.Log.Source = or(c.Log.Source, "ALB")
	c.Log.SourceID = or(c.Log.SourceID, "fathom-gateway")
	c.Trace.Ratio = or(c.Trace.Ratio, 0.01)
	c.Trace.Service = or(c.Trace.Service, "fathom-gateway")
	c.Shutdown.Delay = or(c.Shutdown.Delay, 5*time.Second)
	c.Shutdown.Grace = or(c.Shutdown.Grace, 5*time.Second)
	c.Shutdown.Limit = or(c.Shutdown.Limit, 30*time.Second)
	for i := range c.Listen {
		if t := c.Listen[i].TLS; t != nil {
			t.Min = or(t.Min, "1.2")
		}
	}
}

// resolve makes names of files relative to the configuration's own folder.
func (c *Config) resolve(folder string) {
	name := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(folder, *p)
		}
	}
	secret := func(s *Secret) {
		if s != nil {
			name(&s.File)
		}
	}
	for i := range c.ACL.Files {
		name(&c.ACL.Files[i])
	}
	for k, v := range c.ACL.Lists {
		name(&v)
		c.ACL.Lists[k] = v
	}
	name(&c.Geo.Country)
	name(&c.Geo.ASN)
	secret(c.Redis.URL)
	if c.Proof != nil {
		for i := range c.Proof.Keys {
			secret(c.Proof.Keys[i].Secret)
		}
	}
	for _, q := range c.Queues {
		for i := range q.Keys {
			secret(&q.Keys[i])
		}
	}
	secret(c.Secret.Insert)
	for i := range c.Secret.Verify {
		secret(&c.Secret.Verify[i])
	}
	if c.Token != nil {
		for i := range c.Token.Keys {
			secret(&c.Token.Keys[i])
		}
	}
	for k, s := range c.Trace.Headers {
		secret(&s)
		c.Trace.Headers[k] = s
	}
	for k, o := range c.Origins {
		name(&o.CA)
		c.Origins[k] = o
	}
	for i := range c.Listen {
		if t := c.Listen[i].TLS; t != nil {
			for j := range t.Certificates {
				name(&t.Certificates[j].Cert)
				name(&t.Certificates[j].Key)
			}
			if t.ACME != nil {
				name(&t.ACME.Cache)
				name(&t.ACME.CA)
			}
		}
	}
	for _, p := range []*string{&c.Log.Access, &c.Log.WAF} {
		if *p != "stdout" && *p != "stderr" {
			name(p)
		}
	}
}

package origin

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Config is one service. A zero field is its default.
type Config struct {
	// URLs are its servers: http://HOST:PORT or https://HOST:PORT, without a path.
	URLs []string `yaml:"urls"`
	// Host is the Host that the servers get. Empty is that of the client.
	Host string `yaml:"host"`
	// Connect is the time for a connection (3s), Answer for the first byte of an
	// answer (60s), Idle how long a connection is kept that nobody uses (50s;
	// shorter than the servers' own, or they close it under a request).
	Connect time.Duration `yaml:"connect"`
	Answer  time.Duration `yaml:"answer"`
	Idle    time.Duration `yaml:"idle"`
	// Connections are the most to one server, 0 as many as are needed.
	Connections int `yaml:"connections"`
	// Retries are how often a request that may be repeated is sent again: 1; -1 is
	// never.
	Retries int `yaml:"retries"`
	// HTTP2 speaks HTTP/2 to servers of https.
	HTTP2 bool `yaml:"http2"`
	// CA is a file with the authorities that certificates of https are checked
	// with; empty is the system's. Name is the name in them, empty that of the URL.
	CA   string `yaml:"ca"`
	Name string `yaml:"name"`
	// Health asks the servers now and then.
	Health Health `yaml:"health"`
	// Eject puts a server aside that fails.
	Eject Eject `yaml:"eject"`
}

// Health is the active check: GET Path has to answer 200 to 399.
type Health struct {
	// Path is empty where nothing is asked.
	Path string `yaml:"path"`
	// Host is the Host of the check; empty is that of the URL.
	Host string `yaml:"host"`
	// Every is the interval (5s), Timeout the time for the answer (2s). Down and Up
	// are how many answers in a row change a server's state (2 and 1).
	Every   time.Duration `yaml:"every"`
	Timeout time.Duration `yaml:"timeout"`
	Down    int           `yaml:"down"`
	Up      int           `yaml:"up"`
}

// Eject is the passive check: requests that fail in a row, by no connection, no
// answer, 502, 503 or 504.
type Eject struct {
	// After is how many (5; -1 is never), For how long the server is set aside
	// (10s). It is never the last one.
	After int           `yaml:"after"`
	For   time.Duration `yaml:"for"`
}

func or[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// Filled is the configuration with the defaults in place.
func (c Config) Filled() Config {
	c.Connect, c.Answer, c.Idle = or(c.Connect, 3*time.Second), or(c.Answer, time.Minute), or(c.Idle, 50*time.Second)
	c.Retries = or(c.Retries, 1)
	c.Health.Every, c.Health.Timeout = or(c.Health.Every, 5*time.Second), or(c.Health.Timeout, 2*time.Second)
	c.Health.Down, c.Health.Up = or(c.Health.Down, 2), or(c.Health.Up, 1)
	c.Eject.After, c.Eject.For = or(c.Eject.After, 5), or(c.Eject.For, 10*time.Second)
	return c
}

// Options are what a gateway passes in.
type Options struct {
	// TLS is how servers of https are checked; nil is by the system's authorities.
	TLS *tls.Config
	// Retry is asked before a request is sent again; nil always allows it. Served
	// is told of each answer.
	Retry  func() bool
	Served func()
	// Changed is told when a server comes or goes; nil tells nobody.
	Changed func(server string, up bool, why string)
}

// Check says whether the URLs are usable.
func (c Config) Check() error {
	if len(c.URLs) == 0 {
		return errors.New("it has no urls")
	}
	for _, u := range c.URLs {
		if _, err := server(u); err != nil {
			return err
		}
	}
	return nil
}

func server(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is no URL", text)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q is not http://HOST:PORT or https://HOST:PORT", text)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil:
		return nil, fmt.Errorf("%q has more than a scheme, a host and a port", text)
	}
	return u, nil
}

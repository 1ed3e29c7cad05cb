package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
)

// Secret says where a secret is: in a file or in the environment, never in the
// configuration itself.
type Secret struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

// LogValue keeps secrets out of logs.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// String says where the secret is, not what.
func (s Secret) String() string {
	if s.File != "" {
		return "the file " + s.File
	}
	return "the environment variable " + s.Env
}

// minSecret is the shortest secret that is taken: 16 characters of 6 bits are
// more than can be guessed over a network.
const minSecret = 16

// read gives the secret, without the end of its line.
func (s Secret) read(getenv func(string) string) ([]byte, error) {
	var b []byte
	switch {
	case s.File != "":
		var err error
		if b, err = readFile(s.File, mostSecret); err != nil {
			return nil, err
		}
		b = bytes.TrimRight(b, "\r\n")
	default:
		b = []byte(getenv(s.Env))
	}
	if len(b) < minSecret {
		return nil, fmt.Errorf("%s holds no secret of at least %d characters", s, minSecret)
	}
	return b, nil
}

// readAll reads several.
func readAll(secrets []Secret, getenv func(string) string) ([][]byte, error) {
	var out [][]byte
	for _, s := range secrets {
		b, err := s.read(getenv)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

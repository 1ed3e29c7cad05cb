package gateway

import (
	"fmt"
	"strings"
	"time"

	"fathom/layer/edge/gateway/queue"
	"fathom/layer/edge/gateway/shared"
)

// roomPrefix begins the paths at which waiting rooms say where a visitor stands.
const roomPrefix = "/.well-known/fathom/"

// makeRooms makes the waiting rooms. One opens when the origin of a route before
// which it stands has too much to do.
func (s *Server) makeRooms() (map[string]*queue.Room, error) {
	rooms := map[string]*queue.Room{}
	for name, c := range s.config.Queues {
		keys, err := readAll(c.Keys, s.options.Getenv)
		if err != nil {
			return nil, fmt.Errorf("queues.%s.keys: %w", name, err)
		}
		c.Name = name
		o := queue.Options{Keys: keys, Now: time.Now, Open: s.crowded(name), Failed: func(err error) {
			s.log.Warn("a waiting room has no counters", "room", name, "error", err)
		}}
		if r, ok := s.store.(*shared.Redis); ok { // one line for all gateways
			o.Store = queue.NewRedis(r.Client(), or(s.config.Redis.Prefix, "fathom:")+"queue:", 0)
		}
		if rooms[name], err = queue.New(c.Config, o); err != nil {
			return nil, fmt.Errorf("queues.%s: %w", name, err)
		}
	}
	return rooms, nil
}

// crowded says whether one of the origins behind a room has too much to do.
func (s *Server) crowded(room string) func() bool {
	return func() bool {
		for i := range s.routes {
			if r := &s.routes[i]; r.Queue == room && r.limit != nil && r.limit.Open() {
				return true
			}
		}
		return false
	}
}

// roomStatus answers at the status paths of waiting rooms.
func (x *exchange) roomStatus() bool {
	if len(x.s.rooms) == 0 || !strings.HasPrefix(x.request.Path, roomPrefix) {
		return false
	}
	for _, room := range x.s.rooms {
		if x.request.Path == room.StatusPath() {
			room.ServeHTTP(x, x.r)
			return true
		}
	}
	return false
}

// inside sends visitors through the waiting room of the route.
func (x *exchange) inside() bool {
	return x.route.room == nil || x.route.room.Serve(x, x.r)
}

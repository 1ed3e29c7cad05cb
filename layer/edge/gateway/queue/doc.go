// Package queue is the waiting room in front of checkout (edge.overload): when
// more people come than can be served, each gets a number, sees the place and the
// wait, and is let in when the number's turn comes, at the admission rate.
//
// Tickets and passes are cookies signed with HMAC-SHA256; a gateway keeps no list
// of who waits. What gateways share is a Store with two counters for each room:
// how many numbers were given, and up to which number people are served. The
// second moves with the time, and only while people wait; a number whose holder
// has left costs its slot and no more.
//
// A browser first gets a newcomer's ticket without a number, and a number when it
// comes back with it a second later. So whoever keeps no cookies takes no place.
// Whoever keeps them may take several places; each is behind all that were given
// before, so none is a way to the front. The waiting room is no defence against
// people who wait: let it stand behind the challenge, and limit what one pass may
// do.
//
//	room, err := queue.New(queue.Config{Name: "checkout", Rate: 50}, queue.Options{Keys: keys, Now: time.Now})
//	mux.Handle(room.StatusPath(), room)
//	if !room.Serve(w, r) {
//		return // it has answered
//	}
package queue

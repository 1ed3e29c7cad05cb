package screen

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// linger is how long a client that was refused may go on sending before the
// connection is closed: closing at once would reset it, and take the answer with
// it.
const linger = 500 * time.Millisecond

// answer tells the client in plain words what it did, and ends the connection.
func (c *Conn) answer(v *Violation) {
	if v.Code == 0 {
		return
	}
	body := fmt.Sprintf("%d %s: %s\n", v.Code, http.StatusText(v.Code), v.Detail)
	text := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
		v.Code, http.StatusText(v.Code), len(body), body)
	c.Conn.SetWriteDeadline(time.Now().Add(linger)) //nolint:errcheck // then writing fails
	if _, err := io.WriteString(c.Conn, text); err != nil {
		return
	}
	c.CloseWrite()                                 //nolint:errcheck // the connection ends here
	c.Conn.SetReadDeadline(time.Now().Add(linger)) //nolint:errcheck // then reading fails
	io.CopyN(io.Discard, c.Conn, 64<<10)           //nolint:errcheck // only waits for the client
}

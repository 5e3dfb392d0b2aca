package notebook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

const (
	startTime    = time.Minute
	shutdownTime = 5 * time.Second
)

// kernel is a running GoNB kernel and the connection to it. It is not safe for concurrent use.
type kernel struct {
	cmd      *exec.Cmd
	exited   context.Context // ends with the process
	stderr   *tail           // of what the kernel writes to standard error
	shell    zmq4.Socket
	iopub    zmq4.Socket
	key      []byte
	requests int
	received chan message // from iopub
}

// startKernel starts a kernel for a notebook in dir, which keeps its files in temp, and waits until it answers.
func startKernel(ctx context.Context, o Options, dir, temp string) (*kernel, error) {
	ports, err := freePorts(5)
	if err != nil {
		return nil, err
	}
	k := &kernel{key: []byte(rand.Text()), received: make(chan message), stderr: &tail{}}
	connection := filepath.Join(temp, "connection.json")
	if err := os.WriteFile(connection, encode(map[string]any{
		"ip": loopback, "transport": "tcp", "key": string(k.key), "signature_scheme": "hmac-sha256", "kernel_name": "gonb",
		"shell_port": ports[0], "iopub_port": ports[1], "stdin_port": ports[2], "control_port": ports[3], "hb_port": ports[4],
	}), 0o600); err != nil {
		return nil, err
	}
	if err := k.startProcess(o, connection, dir, temp); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("no answer within %v", startTime))
	defer cancel()
	if err := k.connect(ctx, ports[0], ports[1]); err != nil {
		k.kill()
		return nil, fmt.Errorf("%w\n%s", err, k.stderr)
	}
	return k, nil
}

const loopback = "127.0.0.1"

// freePorts finds ports that nobody listens on at the moment.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", loopback+":0")
		if err != nil {
			return nil, fmt.Errorf("find free port: %w", err)
		}
		defer listener.Close() // all stay open to the end, so that all differ
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func (k *kernel) startProcess(o Options, connection, dir, temp string) error {
	k.cmd = exec.Command(o.GoNB, "--kernel", connection, "-raw_error=true", "-go_work="+o.Repository)
	k.cmd.Dir = dir
	k.cmd.Stderr = k.stderr
	k.cmd.WaitDelay = shutdownTime // for children that keep standard error open
	path := filepath.Dir(o.GoNB) + string(os.PathListSeparator) + os.Getenv("PATH")
	k.cmd.Env = append(os.Environ(), "PATH="+path, "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp,
		"GOWORK=") // the kernel's own go.work, whatever the caller works with
	k.cmd.Env = append(k.cmd.Env, o.Env...)
	setGroup(k.cmd)
	if err := k.cmd.Start(); err != nil {
		return err
	}
	exited, end := context.WithCancelCause(context.Background())
	k.exited = exited
	go func() {
		err := k.cmd.Wait()
		end(fmt.Errorf("the kernel ended: %w", err))
	}()
	return nil
}

// connect opens the two sockets and waits for the first message, asking again and again: the kernel does not repeat what
// it published before it knew of the subscription.
func (k *kernel) connect(ctx context.Context, shell, iopub int) error {
	options := []zmq4.Option{zmq4.WithDialerRetry(20 * time.Millisecond), zmq4.WithDialerMaxRetries(-1),
		zmq4.WithLogger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo))} // its own writes to standard error
	k.shell, k.iopub = zmq4.NewDealer(k.exited, options...), zmq4.NewSub(k.exited, options...)
	stop := context.AfterFunc(ctx, func() { killGroup(k.cmd) }) // which ends the dialling too
	defer stop()
	if err := k.iopub.Dial(fmt.Sprintf("tcp://%s:%d", loopback, iopub)); err != nil {
		return errors.Join(context.Cause(ctx), context.Cause(k.exited), err)
	}
	if err := k.iopub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		return err
	}
	if err := k.shell.Dial(fmt.Sprintf("tcp://%s:%d", loopback, shell)); err != nil {
		return errors.Join(context.Cause(ctx), context.Cause(k.exited), err)
	}
	go k.receive()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := k.send("kernel_info_request", map[string]any{}); err != nil {
			return err
		}
		select {
		case <-k.received:
			return nil
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-k.exited.Done():
			return context.Cause(k.exited)
		}
	}
}

// receive passes on what the kernel publishes until the sockets are closed. Messages that do not verify are not from it.
func (k *kernel) receive() {
	for {
		frames, err := k.iopub.Recv()
		if err != nil {
			return
		}
		m, ok := decode(frames.Frames, k.key)
		if !ok {
			continue
		}
		select {
		case k.received <- m:
		case <-k.exited.Done():
			return
		}
	}
}

func (k *kernel) send(kind string, content any) (id string, err error) {
	k.requests++
	id = fmt.Sprintf("request-%d", k.requests)
	return id, k.shell.SendMulti(zmq4.NewMsgFrom(frames(id, kind, encode(content), k.key)...))
}

// execute runs one cell and returns what it put out, also when it did not come to its end.
func (k *kernel) execute(ctx context.Context, code string) ([]*output, error) {
	id, err := k.send("execute_request", map[string]any{"code": code, "silent": false, "store_history": true,
		"user_expressions": map[string]any{}, "allow_stdin": false, "stop_on_error": true})
	if err != nil {
		return nil, err
	}
	var c collector
	for {
		select {
		case <-ctx.Done():
			return c.outputs, context.Cause(ctx)
		case <-k.exited.Done():
			return c.outputs, fmt.Errorf("%w\n%s", context.Cause(k.exited), k.stderr)
		case m := <-k.received:
			if m.parent != id {
				continue
			}
			if m.idle() {
				return c.outputs, c.failed
			}
			if err := c.add(m.kind, m.content); err != nil {
				return c.outputs, fmt.Errorf("%s message of the kernel: %w", m.kind, err)
			}
		}
	}
}

// shutdown asks the kernel to leave, which lets it stop its own helpers, and waits a while for it.
func (k *kernel) shutdown() {
	if _, err := k.send("shutdown_request", map[string]any{"restart": false}); err != nil {
		return // kill does the rest
	}
	select {
	case <-k.exited.Done():
	case <-time.After(shutdownTime):
	}
}

// kill ends the kernel and whatever it has started.
func (k *kernel) kill() {
	killGroup(k.cmd)
	<-k.exited.Done()
	_, _ = k.shell.Close(), k.iopub.Close()
}

// tail keeps the end of what is written to it. It is safe for concurrent use.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 4096

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailSize):]
	return len(p), nil
}

// String returns the text, trimmed.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}

// message is a message of the kernel, without what we do not need.
type message struct {
	kind, parent string
	content      json.RawMessage
}

// idle reports whether m says that the request is done.
func (m message) idle() bool {
	var status struct {
		State string `json:"execution_state"`
	}
	return m.kind == "status" && json.Unmarshal(m.content, &status) == nil && status.State == "idle"
}

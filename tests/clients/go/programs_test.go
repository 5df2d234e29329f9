package clients

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"testing"
)

// program builds one of the programs in this folder, however long that takes.
func program(t *testing.T, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	if output, err := exec.Command("go", "build", "-o", binary, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", name, err, output)
	}
	return binary
}

func TestOneProgramHearsTheOrderThatAnotherPublishes(t *testing.T) {
	t.Parallel()
	publisher, subscriber := program(t, "publisher"), program(t, "subscriber")

	listening := exec.CommandContext(within(t), subscriber, brokerAddress(t))
	output, err := listening.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := listening.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		listening.Process.Kill()
		listening.Wait()
	})
	lines := bufio.NewScanner(output)
	expectLine := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the subscriber printed %q, want %q", lines.Text(), want)
		}
	}
	expectLine("subscribed to orders")

	publishing := exec.CommandContext(within(t), publisher)
	publishing.Env = append(publishing.Environ(), "REDIS_ADDR="+brokerAddress(t))
	said, err := publishing.Output()
	if err != nil || string(said) != "published, receivers: 1\n" {
		t.Fatalf("the publisher printed %q, %v", said, err)
	}
	expectLine("orders: Order Placed: #12345")
}

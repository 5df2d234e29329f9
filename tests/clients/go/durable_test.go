package clients

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// The rules are one setting of the broker, and tests run side by side.
var rulesMutex sync.Mutex

// ourBrokerOnly skips a test of what the redis-server of these tests has not.
func ourBrokerOnly(t *testing.T, what string) {
	t.Helper()
	if info, err := connect(t, 2).Info(within(t), "server").Result(); err != nil {
		t.Fatal(err)
	} else if !strings.Contains(info, "respublica_version") {
		t.Skip("Redis has no " + what)
	}
}

// durable has the broker keep a channel by a rule with these options, until the test ends.
func durable(t *testing.T, channel, options string) {
	t.Helper()
	ourBrokerOnly(t, "durable channels")
	admin := redis.NewClient(&redis.Options{Addr: brokerAddress(t)})
	change := func(rules func(before []string) []string) {
		t.Helper()
		rulesMutex.Lock()
		defer rulesMutex.Unlock()
		setting, err := admin.ConfigGet(within(t), "durable").Result()
		if err != nil {
			t.Fatal(err)
		}
		var before []string
		if setting["durable"] != "" {
			before = strings.Split(setting["durable"], "; ")
		}
		if err := admin.ConfigSet(within(t), "durable", strings.Join(rules(before), "; ")).Err(); err != nil {
			t.Fatal(err)
		}
	}
	change(func(before []string) []string { return append(before, channel+" "+options) })
	t.Cleanup(func() {
		change(func(before []string) []string {
			return slices.DeleteFunc(before, func(rule string) bool { return strings.HasPrefix(rule+" ", channel+" ") })
		})
		admin.Close()
	})
}

// forEachChannel runs a test on a channel that no rule matches, and on one with a rule that watches its groups.
func forEachChannel(t *testing.T, test func(t *testing.T, channel string)) {
	for name, options := range map[string]string{"NoRule": "", "DurableRule": "max-deliveries 4 ack-wait 30s redeliver yes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel := "stream." + connectionName(t)
			if options != "" {
				durable(t, channel, options)
			}
			forgetAfterwards(t, channel)
			test(t, channel)
		})
	}
}

func forgetAfterwards(t *testing.T, channels ...string) {
	t.Helper()
	admin := redis.NewClient(&redis.Options{Addr: brokerAddress(t)})
	t.Cleanup(func() {
		admin.Del(within(t), channels...)
		admin.Close()
	})
}

// Publisher publishes one order on the channel orders, the way an application does.
//
//	publisher [ADDRESS]        (default: $REDIS_ADDR, else localhost:6379)
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: address()})
	defer client.Close()

	receivers, err := client.Publish(ctx, "orders", "Order Placed: #12345").Result()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("published, receivers:", receivers)
}

func address() string {
	if len(os.Args) > 1 {
		return os.Args[1]
	}
	if fromEnvironment := os.Getenv("REDIS_ADDR"); fromEnvironment != "" {
		return fromEnvironment
	}
	return "localhost:6379"
}

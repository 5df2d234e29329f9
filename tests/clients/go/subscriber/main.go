// Subscriber prints what is published on the channel orders, until it is killed.
//
//	subscriber [ADDRESS]       (default: $REDIS_ADDR, else localhost:6379)
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

	subscription := client.Subscribe(ctx, "orders")
	defer subscription.Close()
	if _, err := subscription.Receive(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("subscribed to orders")

	for message := range subscription.Channel() {
		fmt.Println(message.Channel+":", message.Payload)
	}
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

// A Watermill consumer that begins to work and never ends: it prints what it gets and acknowledges nothing.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/redis/go-redis/v9"
)

func main() {
	address, topic, group, consumer := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	subscriber, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
		Client:        redis.NewClient(&redis.Options{Addr: address}),
		ConsumerGroup: group,
		Consumer:      consumer,
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	messages, err := subscriber.Subscribe(context.Background(), topic)
	if err != nil {
		log.Fatal(err)
	}
	for message := range messages {
		fmt.Printf("%s\n", message.Payload)
		select {}
	}
}

// Files from a client, honest or not: buildkit/sync/receive.hpp.
#include "buildkit/sync/receive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "buildkit/sync/listing.hpp"

namespace gantry::buildkit {
namespace {

using moby::filesync::v1::Packet;

/// A client that names its files, then sends what it is asked for; in pieces, of all that are asked for in turn.
class Client : public PacketStream {
 public:
  void add(const std::string& path, const std::string& content, std::uint32_t bits = 0644, const std::string& link = "") {
    Packet packet;
    packet.set_type(Packet::STAT);
    packet.mutable_stat()->set_path(path);
    packet.mutable_stat()->set_mode(bits);
    packet.mutable_stat()->set_linkname(link);
    packet.mutable_stat()->set_size(static_cast<std::int64_t>(content.size()));
    say(packet);
    contents[next_++] = content;
  }
  void end_list() {
    Packet packet;
    packet.set_type(Packet::STAT);
    say(packet);
  }
  void say(const Packet& packet) { out_.push_back(packet); }

  bool read(Packet& packet) override {
    if (out_.empty() && !asked_.empty()) send_piece();
    if (out_.empty()) return false;
    packet = out_.front();
    out_.pop_front();
    return true;
  }
  bool write(const Packet& packet) override {
    if (packet.type() == Packet::FIN) {
      say(packet);
      finished = true;
    }
    if (packet.type() == Packet::REQ) {
      asked_.push_back(packet.id());
      asked_at_once = std::max(asked_at_once, asked_.size());
      ++asked;
    }
    return true;
  }

  std::map<std::uint32_t, std::string> contents;
  std::size_t asked_at_once = 0, asked = 0;
  bool finished = false;
  std::size_t piece = 1000;

 private:
  void send_piece() {
    const std::uint32_t id = asked_.front();
    asked_.pop_front();
    Packet packet;
    packet.set_type(Packet::DATA);
    packet.set_id(id);
    std::string& left = contents[id];
    packet.set_data(left.substr(0, piece));
    left.erase(0, std::min(piece, left.size()));
    say(packet);
    if (!packet.data().empty()) asked_.push_back(id); // the others' turn
  }

  std::deque<Packet> out_;
  std::deque<std::uint32_t> asked_;
  std::uint32_t next_ = 0;
};

class Taken : public FileTaker {
 public:
  void entry(const fsutil::types::Stat& stat, std::int64_t size) override {
    order.push_back(stat.path());
    sizes[stat.path()] = size;
    current_ = stat.path();
  }
  void data(std::string_view bytes) override { contents[current_].append(bytes); }

  std::vector<std::string> order;
  std::map<std::string, std::int64_t> sizes;
  std::map<std::string, std::string> contents;

 private:
  std::string current_;
};

Packet data_of(std::uint32_t id, const std::string& bytes) {
  Packet packet;
  packet.set_type(Packet::DATA);
  packet.set_id(id);
  packet.set_data(bytes);
  return packet;
}

TEST(ReceivedFiles, come_in_order_with_their_contents) {
  Client client;
  client.add("a", "first");
  client.add("d", "", mode::directory | 0755);
  client.add("d/big", std::string(700'000, 'b'));
  client.add("d/empty", "");
  client.add("d/link", "", mode::symlink | 0777, "/etc/passwd");
  client.add("d/pipe", "", mode::pipe | 0600);
  client.add("e", "", 0644, "a");
  client.add("f", "last");
  client.end_list();
  Taken taken;
  receive_packets(client, taken, nullptr);
  EXPECT_THAT(taken.order, testing::ElementsAre("a", "d", "d/big", "d/empty", "d/link", "d/pipe", "e", "f"));
  EXPECT_EQ(taken.contents["a"], "first");
  EXPECT_EQ(taken.contents["d/big"], std::string(700'000, 'b'));
  EXPECT_EQ(taken.contents["f"], "last");
  EXPECT_EQ(taken.sizes["d/big"], 700'000);
  EXPECT_EQ(client.asked, 4u) << "neither links nor directories are asked for";
  EXPECT_TRUE(client.finished);
}

TEST(ReceivedFiles, are_asked_for_ahead_within_bounds) {
  Client client;
  for (int i = 1000; i < 2000; ++i) client.add(std::to_string(i), std::string(3000, static_cast<char>('a' + i % 26)));
  client.end_list();
  Taken taken;
  receive_packets(client, taken, nullptr);
  EXPECT_EQ(taken.order.size(), 1000u);
  EXPECT_EQ(taken.contents["1999"], std::string(3000, static_cast<char>('a' + 1999 % 26)));
  EXPECT_GT(client.asked_at_once, 8u);
  EXPECT_LE(client.asked_at_once, 32u);
}

TEST(ReceivedFiles, that_changed_are_taken_as_they_are_if_small) {
  Client client;
  client.add("a", "what was there");
  client.end_list();
  client.contents[0] = "now it is longer than it was";
  Taken taken;
  receive_packets(client, taken, nullptr);
  EXPECT_EQ(taken.contents["a"], "now it is longer than it was");
  EXPECT_EQ(taken.sizes["a"], 28);
}

TEST(ReceivedFiles, that_are_large_must_not_change) {
  for (const std::size_t size : {499'999u, 500'001u}) {
    Client client;
    client.add("a", std::string(500'000, 'x'));
    client.end_list();
    client.contents[0] = std::string(size, 'y');
    Taken taken;
    EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error) << size;
  }
}

TEST(ReceivedFiles, of_endless_size_are_refused) {
  Client client;
  client.piece = 1 << 20;
  client.add("a", "small");
  client.end_list();
  client.contents[0] = std::string(40 << 20, 'x');
  Taken taken;
  EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error);
}

TEST(ReceivedFiles, refuse_what_was_not_asked_for) {
  const std::pair<const char*, std::vector<Packet>> cases[] = {
      {"before any name", {data_of(0, "x")}},
      {"of an unknown file", {data_of(7, "x")}},
      {"of a number before the first", {data_of(0xffffffff, "x")}},
  };
  for (const auto& [what, packets] : cases) {
    Client client;
    for (const auto& packet : packets) client.say(packet);
    client.add("a", "x");
    client.end_list();
    Taken taken;
    EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error) << what;
  }
  Client client;
  client.add("d", "", mode::directory | 0755);
  client.say(data_of(0, "a directory's content"));
  client.end_list();
  Taken taken;
  EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error);
}

TEST(ReceivedFiles, refuse_names_after_the_end_of_the_list) {
  Client client;
  client.add("a", "x");
  client.end_list();
  client.add("b", "x");
  Taken taken;
  EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error);
}

TEST(ReceivedFiles, end_with_the_clients_error) {
  Client client;
  Packet error;
  error.set_type(Packet::ERR);
  error.set_data("permission denied");
  client.say(error);
  Taken taken;
  try {
    receive_packets(client, taken, nullptr);
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "error from sender: permission denied");
  }
}

TEST(ReceivedFiles, end_when_the_client_goes_early) {
  Client client;
  client.add("a", "x");
  Taken taken;
  EXPECT_THROW(receive_packets(client, taken, nullptr), std::runtime_error);
}

} // namespace
} // namespace gantry::buildkit

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>

#include "net/server.h"
#include "net/test_client.h"

namespace sightline::net {
namespace {

using test::Client;
using test::TestServer;
using test::text;

TlsIdentity identity() {
  auto made = make_self_signed({"localhost", "127.0.0.1", "::1"}, SystemClock().now());
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}

/// A client that trusts one certificate and checks the address.
class TlsClient {
 public:
  TlsClient(Client client, const TlsIdentity& trusted, const char* address)
      : client_(std::move(client)),
        context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
        ssl_(nullptr, &SSL_free) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
        BIO_new_mem_buf(trusted.certificate_pem.data(), static_cast<int>(trusted.certificate_pem.size())),
        &BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), address);
    SSL_set_fd(ssl_.get(), client_.fd());
  }
  /// As old clients do that know no tickets: the server would have to remember the session.
  void want_session(SSL_SESSION* former) {
    SSL_set_max_proto_version(ssl_.get(), TLS1_2_VERSION);
    SSL_set_options(ssl_.get(), SSL_OP_NO_TICKET);
    if (former != nullptr) SSL_set_session(ssl_.get(), former);
  }
  bool connect() { return SSL_connect(ssl_.get()) == 1; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session() const {
    return {SSL_get1_session(ssl_.get()), &SSL_SESSION_free};
  }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  std::string read_all() {
    std::string out;
    char buffer[20'000];
    for (int n = 0; (n = SSL_read(ssl_.get(), buffer, sizeof(buffer))) > 0;)
      out.append(buffer, static_cast<std::size_t>(n));
    return out;
  }

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

TEST(ServerTls, ServesLargeBodiesBothWaysUnderItsOwnCertificate) {
  const TlsIdentity own = identity();
  WorkerPool pool("pool", 1, 10);
  TestServer server(
      [&](const RequestHead& head) {
        EXPECT_TRUE(head.tls);
        return Decision{
            Unary{&pool, 10'000'000, [](Request request) { return text(std::move(request.body)); }}, {}};
      },
      {}, own);
  TlsClient client(server.client(), own, "127.0.0.1");
  ASSERT_TRUE(client.connect());
  const std::string body(5'000'000, 'b');
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
  ASSERT_TRUE(
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n"));
  ASSERT_TRUE(client.send(body));
  const std::string answers = client.read_all();
  EXPECT_EQ(answers.substr(answers.size() - body.size()), body);
  EXPECT_THAT(answers, testing::HasSubstr("Content-Length: 0\r\n"));
}

TEST(ServerTls, ASlowSenderHoldsNoThread) {
  class Sized final : public Transfer {
   public:
    std::optional<TransferAnswer> take(std::span<const char> piece) override {
      size_ += piece.size();
      return std::nullopt;
    }
    TransferAnswer end(const Error*) override { return {text(std::to_string(size_))}; }

   private:
    std::size_t size_ = 0;
  };
  const TlsIdentity own = identity();
  WorkerPool pool("pool", 1, 10);
  TestServer server(
      [&](const RequestHead&) {
        return Decision{Streaming{&pool, 10'000'000, std::make_shared<Sized>()}, {}};
      },
      {}, own);
  const std::string put = "PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 500000\r\n\r\n";
  TlsClient slow(server.client(), own, "127.0.0.1");
  ASSERT_TRUE(slow.connect());
  ASSERT_TRUE(slow.send(put + std::string(100'000, 's')));
  TlsClient normal(server.client(), own, "127.0.0.1");
  ASSERT_TRUE(normal.connect());
  ASSERT_TRUE(normal.send(put + std::string(500'000, 'n')));
  EXPECT_THAT(normal.read_all(), testing::EndsWith("500000"));
  ASSERT_TRUE(slow.send(std::string(400'000, 's')));
  EXPECT_THAT(slow.read_all(), testing::EndsWith("500000"));
}

TEST(ServerTls, TheCertificateIsForItsNamesAlone) {
  const TlsIdentity own = identity();
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; }, {}, own);
  EXPECT_FALSE(TlsClient(server.client(), own, "127.0.0.2").connect());
  EXPECT_FALSE(TlsClient(server.client(), identity(), "127.0.0.1").connect()) << "another certificate";
}

TEST(ServerTls, NoSessionOutlivesItsConnection) {
  const TlsIdentity own = identity();
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; }, {}, own);
  TlsClient first(server.client(), own, "127.0.0.1");
  first.want_session(nullptr);
  ASSERT_TRUE(first.connect());
  ASSERT_TRUE(first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(first.read_all(), testing::HasSubstr("200 OK"));
  TlsClient second(server.client(), own, "127.0.0.1");
  second.want_session(first.session().get());
  ASSERT_TRUE(second.connect());
  EXPECT_FALSE(second.resumed());
}

TEST(ServerTls, PlainTalkIsNotAnswered) {
  TestServer server([](const RequestHead&) { return Decision{text("ok"), {}}; }, {}, identity());
  Client client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_all(), testing::Not(testing::HasSubstr("HTTP/1.1 200")));
}

TEST(TlsIdentity, ForeignAndDamagedOnesAreRefusedInWords) {
  TlsIdentity own = identity();
  EXPECT_TRUE(check_identity(own));
  TlsIdentity mixed = own;
  mixed.key_pem = identity().key_pem;
  EXPECT_EQ(check_identity(mixed).error().kind, ErrorKind::invalid_argument);
  TlsIdentity broken = own;
  broken.certificate_pem = "no certificate";
  EXPECT_EQ(check_identity(broken).error().kind, ErrorKind::invalid_argument);
  broken = own;
  broken.key_pem.resize(40);
  EXPECT_EQ(check_identity(broken).error().kind, ErrorKind::invalid_argument);
  EXPECT_FALSE(make_self_signed({}, SystemClock().now()));
  EXPECT_FALSE(make_self_signed({"a,DNS:b"}, SystemClock().now()));
}

}  // namespace
}  // namespace sightline::net

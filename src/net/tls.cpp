#include "net/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>
#include <array>
#include <cerrno>

#include "net/channel.h"

namespace sightline::net {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;

std::unexpected<Error> tls_error(ErrorKind kind, std::string_view what) {
  std::array<char, 200> reason{};
  const unsigned long code = ERR_get_error();
  ERR_error_string_n(code, reason.data(), reason.size());
  ERR_clear_error();
  return fail(kind, code == 0 ? std::string(what) : fmt::format("{}: {}", what, reason.data()));
}

BioPtr reader_of(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, name.c_str(), parsed.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), parsed.data()) == 1;
}

bool add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A password is asked for nowhere: an encrypted key is an error, not a prompt.
int no_password(char*, int, int, void*) {
  return -1;
}

Result<ContextPtr> make_context(const TlsIdentity& identity) {
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return tls_error(ErrorKind::internal, "TLS cannot be set up");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // No session outlives its connection: clients that want to resume one get a ticket to keep themselves.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // Idle connections give their record buffers back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const BioPtr certificates = reader_of(identity.certificate_pem);
  const CertificatePtr leaf(PEM_read_bio_X509(certificates.get(), nullptr, no_password, nullptr));
  if (leaf == nullptr || SSL_CTX_use_certificate(context.get(), leaf.get()) != 1)
    return tls_error(ErrorKind::invalid_argument, "the TLS certificate is not valid PEM");
  while (X509* const link = PEM_read_bio_X509(certificates.get(), nullptr, no_password, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context.get(), link) == 1) continue;
    X509_free(link);
    return tls_error(ErrorKind::invalid_argument, "the TLS certificate's chain cannot be used");
  }
  ERR_clear_error();  // the end of the chain
  const BioPtr keys = reader_of(identity.key_pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(keys.get(), nullptr, no_password, nullptr));
  if (key == nullptr)
    return tls_error(ErrorKind::invalid_argument, "the TLS key is not valid PEM without a password");
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 || SSL_CTX_check_private_key(context.get()) != 1)
    return tls_error(ErrorKind::invalid_argument, "the TLS key does not belong to the certificate");
  return context;
}

class TlsChannel final : public Channel {
 public:
  TlsChannel(SslPtr ssl, int fd) : ssl_(std::move(ssl)), fd_(fd) {}

  IoResult read(std::span<char> into) override {
    ERR_clear_error();
    std::size_t n = 0;
    const int ok = SSL_read_ex(ssl_.get(), into.data(), into.size(), &n);
    return ok == 1 ? IoResult{IoState::done, n} : failure(ok);
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    ERR_clear_error();
    std::size_t n = 0;
    const int ok = SSL_write_ex(ssl_.get(), pieces.front().data(), pieces.front().size(), &n);
    return ok == 1 ? IoResult{IoState::done, n} : failure(ok);
  }

  void end_writing() override {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
    ::shutdown(fd_, SHUT_WR);
  }

  bool buffers() const override { return SSL_pending(ssl_.get()) > 0; }

 private:
  IoResult failure(int ok) {
    switch (SSL_get_error(ssl_.get(), ok)) {
      case SSL_ERROR_WANT_READ:
        return {IoState::want_read, 0};
      case SSL_ERROR_WANT_WRITE:
        return {IoState::want_write, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {IoState::closed, 0};
      default:
        return {IoState::failed, 0};
    }
  }

  SslPtr ssl_;
  int fd_;
};

class OpenSslContext final : public TlsContext {
 public:
  explicit OpenSslContext(ContextPtr context) : context_(std::move(context)) {}

  std::unique_ptr<Channel> make_channel(int fd) override {
    SslPtr ssl(SSL_new(context_.get()));
    if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
    SSL_set_accept_state(ssl.get());
    return std::make_unique<TlsChannel>(std::move(ssl), fd);
  }

 private:
  ContextPtr context_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::create(const TlsIdentity& identity) {
  return std::make_unique<OpenSslContext>(TRY(make_context(identity)));
}

Result<void> check_identity(const TlsIdentity& identity) {
  TRY(make_context(identity));
  return {};
}

Result<TlsIdentity> make_self_signed(const std::vector<std::string>& names, Instant now) {
  if (names.empty())
    return fail(ErrorKind::invalid_argument, "a certificate needs a host name or address to be for");
  std::string alternatives;
  for (const std::string& name : names) {
    if (name.find_first_of(",:\r\n") != std::string::npos && !is_address(name))
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no host name or address", name));
    alternatives +=
        fmt::format("{}{}:{}", alternatives.empty() ? "" : ",", is_address(name) ? "IP" : "DNS", name);
  }
  ERR_clear_error();
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  if (key == nullptr || certificate == nullptr) return tls_error(ErrorKind::internal, "no key could be made");
  X509* const made = certificate.get();
  constexpr std::int64_t kDay = 24 * 60 * 60;
  const std::int64_t begin = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  // Clients whose clock is behind must be able to use it too.
  ASN1_TIME_set(X509_getm_notBefore(made), begin - kDay);
  ASN1_TIME_set(X509_getm_notAfter(made), begin + 365 * kDay);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made), now.time_since_epoch().count());
  X509_NAME* const subject = X509_get_subject_name(made);
  const bool good =
      X509_set_version(made, X509_VERSION_3) == 1 && X509_set_pubkey(made, key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("Sightline"), -1, -1, 0) == 1 &&
      X509_set_issuer_name(made, subject) == 1 &&
      add_extension(made, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(made, NID_subject_alt_name, alternatives) && X509_sign(made, key.get(), EVP_sha256()) > 0;
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_mem()));
  if (!good || PEM_write_bio_X509(certificate_pem.get(), made) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return tls_error(ErrorKind::internal, "the certificate could not be made");
  return TlsIdentity{text_of(certificate_pem.get()), text_of(key_pem.get())};
}

}  // namespace sightline::net

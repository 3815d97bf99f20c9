// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// OpenSSL's objects with an owner. For trust/ and the server's authority, which build and read the
/// same structures; not part of the library's interface.
namespace fncard::trust::openssl {

template <auto Function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};

struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using CertificatesPointer = std::unique_ptr<STACK_OF(X509), FreeCertificates>;
using X509Pointer = std::unique_ptr<X509, FreeWith<X509_free>>;
using CrlPointer = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using BignumPointer = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using IntegerPointer = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;
using ObjectPointer = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;
using TimePointer = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using NamesPointer = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using BioPointer = std::unique_ptr<BIO, FreeWith<BIO_free>>;

/// encoded<i2d_X509>(certificate); empty when OpenSSL cannot.
template <auto Encode, typename T>
std::vector<unsigned char> encoded(T* object) {
  unsigned char* bytes = nullptr;
  const int size = Encode(object, &bytes);
  if (size <= 0) {
    return {};
  }
  std::vector<unsigned char> result(bytes, bytes + size);
  OPENSSL_free(bytes);
  return result;
}

/// decoded<X509Pointer, d2i_X509>(bytes); nothing when the bytes are not exactly one such object.
template <typename Pointer, auto Decode>
Pointer decoded(const std::vector<unsigned char>& bytes) {
  const unsigned char* next = bytes.data();
  Pointer object(Decode(nullptr, &next, static_cast<long>(bytes.size())));
  return object && next == bytes.data() + bytes.size() ? std::move(object) : nullptr;
}

inline X509Pointer decodedCertificate(const std::vector<unsigned char>& der) {
  return decoded<X509Pointer, d2i_X509>(der);
}

/// OpenSSL's own words for what went wrong in this thread, and an empty queue afterwards.
std::string takeErrors();

/// Upper-case hexadecimal without leading zero bytes, as serial numbers are written here.
std::string serialText(const ASN1_INTEGER* serial);

/// "2.16.886.1.100.2.1"
std::string dotted(const ASN1_OBJECT* object);

/// Nothing for a time that is none.
std::optional<std::chrono::system_clock::time_point> timeOf(const ASN1_TIME* time);

/// The DER of one PEM block of one of the kinds ("CERTIFICATE"), with nothing but white space after
/// it.
std::optional<std::vector<unsigned char>> pemBlock(const std::vector<unsigned char>& bytes,
                                                   std::initializer_list<std::string_view> kinds);

}  // namespace fncard::trust::openssl

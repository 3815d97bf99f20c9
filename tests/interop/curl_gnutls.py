#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: curl_gnutls.py ADDRESS AUTHORITY CERTIFICATE KEY: fetches a page with the GnuTLS flavour of libcurl, which Debian has as a
library only; certificate and key by PKCS #11 URI. The page goes to standard output."""
import ctypes
import sys

SSLCERT, SSLKEY, CAINFO, URL, ERRORBUFFER, TIMEOUT = 10025, 10087, 10065, 10002, 10010, 13  # CURLOPT_ in curl.h

curl = ctypes.CDLL("libcurl-gnutls.so.4")
curl.curl_easy_init.restype = ctypes.c_void_p
curl.curl_version.restype = ctypes.c_char_p
if b"GnuTLS" not in curl.curl_version():
    sys.exit("this libcurl is not the GnuTLS flavour")
handle = ctypes.c_void_p(curl.curl_easy_init())
error = ctypes.create_string_buffer(256)
curl.curl_easy_setopt(handle, ERRORBUFFER, error)
curl.curl_easy_setopt(handle, TIMEOUT, ctypes.c_long(60))
for option, value in zip((URL, CAINFO, SSLCERT, SSLKEY), sys.argv[1:5]):
    curl.curl_easy_setopt(handle, option, ctypes.c_char_p(value.encode()))
code = curl.curl_easy_perform(handle)
curl.curl_easy_cleanup(handle)
if code != 0:
    sys.exit(f"curl error {code}: {error.value.decode()}")

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# poppler's pdfsig, on NSS, signs a document with the card, and another NSS database finds the signature valid.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=nss_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/nss_common.sh"

nss_database db
token=$(foreign modutil -dbdir sql:db -list | sed -n 's/^\s*token: \(fncard TW[0-9]*\)$/\1/p')
python3 - <<'PYTHON'
# one empty page
bodies = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>"]
text, places = "%PDF-1.7\n", []
for number, body in enumerate(bodies, 1):
    places.append(len(text))
    text += f"{number} 0 obj\n{body}\nendobj\n"
table = "".join(f"{place:010} 00000 n \n" for place in places)
text += f"xref\n0 4\n0000000000 65535 f \n{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF\n"
open("letter.pdf", "w", encoding="ascii").write(text)
PYTHON

measure
foreign timeout 60 pdfsig -nssdir sql:db -nss-pwd "$FNCARD_PIN" -kpw "$FNCARD_PIN" -nick "$token:Signature" -add-signature letter.pdf signed.pdf >tool.out 2>&1 || :
# its exit code is not looked at: poppler 22.12 lets go of the key too late for NSS_Shutdown, whose complaint it makes its own
[ -s signed.pdf ] || fail "pdfsig: $(cat tool.out)"
mkdir other
certutil -d sql:other -N --empty-password
for name in root issuing; do
  certutil -d sql:other -A -n "$name" -t CT,C, -i "$FNCARD_CARD_DIR/$name.pem"
done
pdfsig -nssdir sql:other signed.pdf >tool.out 2>&1 || fail "pdfsig: $(cat tool.out)"
expect 'Signer Certificate Common Name: NGUYEN THI HOA'
expect 'Total document signed'
expect 'Signature Validation: Signature is Valid.'
result pdfsig 'PDF signature' given

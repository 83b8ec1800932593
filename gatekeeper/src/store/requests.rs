//! What was settled of requests made on chain.

use codec::{DecodeAll, Encode};
use medrec_primitives::{AccessRequest, Moment, SignedReceipt};

use super::{signed, sql, Store, StoreError};

/// A request that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// As it stood on chain.
    pub request: AccessRequest,
    /// What the chain gets.
    pub receipt: SignedReceipt,
    /// The salt of the receipt's digest.
    pub salt: [u8; 32],
}

type Row = (Vec<u8>, Vec<u8>, Vec<u8>);

impl Store {
    /// Keeps what became of a request, unless something is kept already; gives what is kept. It is on disk then.
    pub async fn settle(&self, settled: &Settled, now: Moment) -> Result<Settled, StoreError> {
        let number = settled.receipt.request.index;
        sql::query(
            "INSERT INTO requests (number, request, receipt, salt, settled) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
        )
        .bind(i64::from(number))
        .bind(settled.request.encode())
        .bind(settled.receipt.encode())
        .bind(settled.salt.as_slice())
        .bind(signed(now))
        .execute(&self.write)
        .await?;
        let row: Row = sql::query_as("SELECT request, receipt, salt FROM requests WHERE number = $1")
            .bind(i64::from(number))
            .fetch_one(&self.write)
            .await?;
        read(&row)
    }

    /// What became of a request, by its number at this member.
    pub async fn settled(&self, number: u32) -> Result<Option<Settled>, StoreError> {
        let row: Option<Row> = sql::query_as("SELECT request, receipt, salt FROM requests WHERE number = $1")
            .bind(i64::from(number))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Forgets what was settled before a time, salts and all.
    pub async fn prune_requests(&self, before: Moment) -> Result<(), StoreError> {
        sql::query("DELETE FROM requests WHERE settled < $1")
            .bind(signed(before))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

fn read((request, receipt, salt): &Row) -> Result<Settled, StoreError> {
    let corrupt = |_| StoreError::Corrupt("requests");
    Ok(Settled {
        request: AccessRequest::decode_all(&mut request.as_slice()).map_err(corrupt)?,
        receipt: SignedReceipt::decode_all(&mut receipt.as_slice()).map_err(corrupt)?,
        salt: salt.as_slice().try_into().map_err(|_| StoreError::Corrupt("requests"))?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_primitives::{
        RelationshipId, RequestId, RequestStatus, SealedQuestion, Settlement, TERMS_PLAINTEXT_BYTES,
    };

    use super::*;
    use crate::store::tests::temporary;

    fn settled(index: u32, digest: u8) -> Settled {
        let question = SealedQuestion {
            key: 0,
            enc: [1; 32],
            ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16],
            commitment: [3; 32],
        };
        Settled {
            request: AccessRequest {
                relationship: RelationshipId::new(0, 7),
                asker: [4; 32].into(),
                question,
                expires: 1000,
                status: RequestStatus::Ready,
            },
            receipt: SignedReceipt {
                request: RequestId::new(0, index),
                settlement: Settlement::Fulfilled,
                digest: [digest; 32],
                signature: [digest; 64],
            },
            salt: [digest; 32],
        }
    }

    #[tokio::test]
    async fn first_receipt_should_stand_when_there_is_another() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.settled(5).await.unwrap(), None);
        assert_eq!(store.settle(&settled(5, 1), 10).await.unwrap(), settled(5, 1));
        assert_eq!(store.settle(&settled(5, 2), 11).await.unwrap(), settled(5, 1));
        assert_eq!(store.settled(5).await.unwrap(), Some(settled(5, 1)));
        assert_eq!(store.settled(6).await.unwrap(), None);
    }

    #[tokio::test]
    async fn receipts_should_go_when_they_are_old() {
        let (store, _folder) = temporary().await;
        store.settle(&settled(1, 1), 10).await.unwrap();
        store.settle(&settled(2, 2), 20).await.unwrap();
        store.prune_requests(20).await.unwrap();
        assert_eq!(store.settled(1).await.unwrap(), None);
        assert!(store.settled(2).await.unwrap().is_some());
    }
}

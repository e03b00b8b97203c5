//! A search service: `cargo run --example service -- INDEX [ADDRESS]`, then
//! `curl 'localhost:8080/search?q=lithium'`, `curl localhost:8080/article/ID` and
//! `curl -H 'content-type: application/json' -d '[{"id":"1","title":"…"}]' localhost:8080/articles`.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use orewire::{Article, Error, Index, Report, SearchRequest, SearchResults, Searcher};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Clone)]
struct Service {
    index: Index,
    searcher: Searcher,
}

#[derive(Deserialize)]
struct Search {
    q: String,
    limit: Option<usize>,
}

type Answer<T> = Result<Json<T>, (StatusCode, Json<Value>)>;

/// Searching waits for the disk and indexing for the processor: neither is for the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> orewire::Result<T> + Send + 'static,
) -> Answer<T> {
    let failed = |error: Error| {
        let code = match error {
            Error::Query(_) | Error::Article { .. } => StatusCode::BAD_REQUEST,
            Error::NoArticle(_) => StatusCode::NOT_FOUND,
            Error::Locked { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (code, Json(json!({"error": error.to_string(), "hint": error.hint()})))
    };
    let ended = |_| (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"error": "the request ended early"})));
    tokio::task::spawn_blocking(work).await.map_err(ended)?.map(Json).map_err(failed)
}

async fn search(State(service): State<Service>, Query(search): Query<Search>) -> Answer<SearchResults> {
    let request = SearchRequest::new(search.q).limit(search.limit.unwrap_or(10).min(100));
    blocking(move || service.searcher.search(&request)).await
}

async fn article(State(service): State<Service>, Path(id): Path<String>) -> Answer<Value> {
    let found = move || service.searcher.article(&id).map(|(a, tags)| json!({"article": a, "tags": tags}));
    blocking(found).await
}

async fn add(State(service): State<Service>, Json(articles): Json<Vec<Article>>) -> Answer<Report> {
    let put = move || service.index.put(articles).inspect(|_| drop(service.searcher.reload()));
    blocking(put).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let index = Index::at(arguments.next().unwrap_or_else(|| "index".to_owned()));
    // Publishes an empty index where there is none.
    index.put([])?;
    let service = Service { searcher: index.searcher()?, index };
    let routes = Router::new().route("/search", get(search)).route("/article/{id}", get(article));
    let app = routes.route("/articles", post(add)).with_state(service);
    let listener =
        tokio::net::TcpListener::bind(arguments.next().as_deref().unwrap_or("127.0.0.1:8080")).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/** An HTTP server over one index: search, explanation, documents, and a page that shows them. */
package io.m3lex.server;

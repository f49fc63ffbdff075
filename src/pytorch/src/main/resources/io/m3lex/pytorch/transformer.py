class Transformer(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  def cast(self: __torch__.Transformer,
    x: Tensor,
    wanted: int) -> Tensor:
    return torch.to(x, wanted)
  def pack(self: __torch__.Transformer,
    weight: Tensor,
    rows: int) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(weight, rows)
  def copy(self: __torch__.Transformer,
    x: Tensor,
    wanted: int) -> Tensor:
    return torch.clone(torch.to(x, wanted))
  def linear(self: __torch__.Transformer,
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    packed: bool,
    gelu: bool) -> Tensor:
    if packed:
      if gelu:
        y = ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", annotate(List[Optional[number]], []), "none")
      else:
        y = ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
      z = y
    else:
      w = torch.linear(x, weight, bias)
      if gelu:
        z = torch.gelu(w)
      else:
        z = w
    return z
  def attention(self: __torch__.Transformer,
    qkv: Tensor,
    lengths: List[int],
    heads: int) -> Tensor:
    hidden = torch.floordiv(torch.size(qkv, 1), 3)
    head = torch.floordiv(hidden, heads)
    context = torch.empty_like(torch.narrow(qkv, 1, 0, hidden), memory_format=0)
    start = 0
    for i in range(torch.len(lengths)):
      length = lengths[i]
      part = torch.view(torch.narrow(qkv, 0, start, length), [1, length, 3, heads, head])
      split = torch.permute(part, [2, 0, 3, 1, 4])
      q = torch.select(split, 0, 0)
      k = torch.select(split, 0, 1)
      v = torch.select(split, 0, 2)
      a = torch.permute(torch.scaled_dot_product_attention(q, k, v), [0, 2, 1, 3])
      _0 = torch.copy_(torch.narrow(context, 0, start, length), torch.reshape(a, [length, hidden]))
      start = torch.add(start, length)
    return context
  def forward(self: __torch__.Transformer,
    ids: Tensor,
    positions: Tensor,
    lengths: List[int],
    weights: List[Tensor],
    layers: int,
    heads: int,
    epsilon: float,
    packed: bool) -> Tensor:
    words = torch.to(torch.embedding(weights[0], ids), 6)
    places = torch.to(torch.embedding(weights[1], positions), 6)
    types = torch.to(torch.select(weights[2], 0, 0), 6)
    sum = torch.add(torch.add(words, places), types)
    hidden = torch.size(sum, 1)
    embedded = torch.layer_norm(sum, [hidden], weights[3], weights[4], epsilon)
    x = torch.to(embedded, ops.prim.dtype(weights[6]))
    for i in range(layers):
      w = torch.add(5, torch.mul(i, 12))
      qkv = (self).linear(x, weights[w], weights[torch.add(w, 1)], packed, False, )
      context = (self).attention(qkv, lengths, heads, )
      o = (self).linear(context, weights[torch.add(w, 2)], weights[torch.add(w, 3)], packed, False, )
      y = torch.layer_norm(torch.add_(o, x), [hidden], weights[torch.add(w, 4)], weights[torch.add(w, 5)], epsilon)
      f = (self).linear(y, weights[torch.add(w, 6)], weights[torch.add(w, 7)], packed, True, )
      g = (self).linear(f, weights[torch.add(w, 8)], weights[torch.add(w, 9)], packed, False, )
      x = torch.layer_norm(torch.add_(g, y), [hidden], weights[torch.add(w, 10)], weights[torch.add(w, 11)], epsilon)
    return torch.to(x, 6)

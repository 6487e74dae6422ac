namespace TcpTools.Probing;

/// <summary>Probes with one key, those that wait in front, the oldest first.</summary>
internal sealed class ProbeChain(ExchangeKey key)
{
    public ExchangeKey Key { get; } = key;

    public ProbeLink? First { get; set; }

    public ProbeLink? Last { get; set; }

    public ProbeLink Append(ProbeEntry entry)
    {
        ProbeLink link = new(this, entry);
        link.Append();
        return link;
    }
}

/// <summary>A probe's place in a chain.</summary>
internal sealed class ProbeLink(ProbeChain chain, ProbeEntry entry)
{
    private ProbeLink? _previous;

    public ProbeChain Chain { get; } = chain;

    public ProbeEntry Entry { get; } = entry;

    public ProbeLink? Next { get; private set; }

    public void Append()
    {
        _previous = Chain.Last;
        Next = null;
        if (_previous is null)
        {
            Chain.First = this;
        }
        else
        {
            _previous.Next = this;
        }

        Chain.Last = this;
    }

    /// <summary>Takes the probe out; true when the chain is empty then.</summary>
    public bool Remove()
    {
        if (_previous is null)
        {
            Chain.First = Next;
        }
        else
        {
            _previous.Next = Next;
        }

        if (Next is null)
        {
            Chain.Last = _previous;
        }
        else
        {
            Next._previous = _previous;
        }

        return Chain.First is null;
    }

    public void MoveToEnd()
    {
        if (Next is not null)
        {
            Remove();
            Append();
        }
    }
}

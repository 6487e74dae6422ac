namespace TcpTools.Probing;

/// <summary>Probes with one key: those that wait, the oldest first, and those that have been answered or given up.</summary>
internal sealed class ProbeChain(ExchangeKey key)
{
    public ExchangeKey Key { get; } = key;

    public ProbeList Waiting { get; } = new();

    public ProbeList Done { get; } = new();

    public bool IsEmpty => Waiting.First is null && Done.First is null;

    public ProbeLink Append(ProbeEntry entry)
    {
        ProbeLink link = new(this, entry);
        link.AppendTo(Waiting);
        return link;
    }
}

/// <summary>A list whose elements know their neighbours.</summary>
internal sealed class ProbeList
{
    public ProbeLink? First { get; set; }

    public ProbeLink? Last { get; set; }
}

/// <summary>A probe's place in a chain.</summary>
internal sealed class ProbeLink(ProbeChain chain, ProbeEntry entry)
{
    private ProbeList? _list;
    private ProbeLink? _previous;

    public ProbeChain Chain { get; } = chain;

    public ProbeEntry Entry { get; } = entry;

    public ProbeLink? Next { get; private set; }

    public void AppendTo(ProbeList list)
    {
        Remove();
        _list = list;
        _previous = list.Last;
        if (_previous is null)
        {
            list.First = this;
        }
        else
        {
            _previous.Next = this;
        }

        list.Last = this;
    }

    public void Remove()
    {
        if (_list is null)
        {
            return;
        }

        if (_previous is null)
        {
            _list.First = Next;
        }
        else
        {
            _previous.Next = Next;
        }

        if (Next is null)
        {
            _list.Last = _previous;
        }
        else
        {
            Next._previous = _previous;
        }

        _list = null;
        _previous = null;
        Next = null;
    }
}

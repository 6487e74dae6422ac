using System;
using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>What a frame is to the probes that were sent.</summary>
/// <param name="Entry">The probe that it answers; null for none.</param>
/// <param name="IsError">Whether it is an error about the probe rather than an answer.</param>
internal readonly record struct ReplyMatch(ProbeEntry? Entry, bool IsError);

/// <summary>
/// All probes that may be answered, found by what an answer must look like: the time to find one does not grow with how
/// many are waiting. Of probes that cannot be told apart the oldest unanswered gets the answer.
/// </summary>
internal sealed class ReplyIndex(ReplyRules rules)
{
    private const int MostKeys = 3;

    private readonly Dictionary<ExchangeKey, ProbeChain> _answers = [];
    private readonly Dictionary<ExchangeKey, ProbeChain> _quotations = [];

    /// <summary>How many probes are kept.</summary>
    public int Count { get; private set; }

    public void Add(ProbeEntry entry)
    {
        entry.AnswerLink = Link(_answers, ExchangeKey.OfAnswers(entry.Outline, rules.AnySource), entry);
        entry.QuotationLink = Link(_quotations, ExchangeKey.OfQuotation(entry.Outline), entry);
        Count++;
    }

    public void Remove(ProbeEntry entry)
    {
        Unlink(_answers, entry.AnswerLink);
        Unlink(_quotations, entry.QuotationLink);
        entry.AnswerLink = null;
        entry.QuotationLink = null;
        Count--;
    }

    /// <summary>Puts a probe aside, because it has been answered or given up: those that still wait come first.</summary>
    public static void Defer(ProbeEntry entry)
    {
        Defer(entry.AnswerLink);
        Defer(entry.QuotationLink);

        static void Defer(ProbeLink? link) => link?.AppendTo(link.Chain.Done);
    }

    /// <summary>The probe that a frame answers.</summary>
    public ReplyMatch Find(ReadOnlySpan<byte> frame, PacketStart start)
    {
        PacketOutline outline = OutlineReader.Read(frame, start);
        if (outline.Network == OutlineNetwork.None)
        {
            return default;
        }

        ReplyMatch match = outline.IsError ? FindQuoted(frame, outline) : FindAnswered(outline);
        return match.Entry is not null && rules.VerifyChecksums
            && !OutlineReader.AreChecksumsValid(frame, outline, OutlineReader.NetworkOffset(frame, start))
            ? default
            : match;
    }

    private ReplyMatch FindAnswered(in PacketOutline reply)
    {
        Span<ExchangeKey> keys = stackalloc ExchangeKey[MostKeys];
        int count = ExchangeKey.OfReply(reply, keys);
        foreach (ref readonly ExchangeKey key in keys[..count])
        {
            if (!_answers.TryGetValue(key, out ProbeChain? chain))
            {
                continue;
            }

            if ((FindAnswered(reply, chain.Waiting) ?? FindAnswered(reply, chain.Done)) is { } entry)
            {
                return new(entry, IsError: false);
            }
        }

        return default;
    }

    private ProbeEntry? FindAnswered(in PacketOutline reply, ProbeList list)
    {
        for (ProbeLink? link = list.First; link is not null; link = link.Next)
        {
            // What comes back exactly as it went out is the probe itself, heard on a loopback.
            if (rules.IsDirectAnswer(reply, link.Entry.Outline) && reply != link.Entry.Outline)
            {
                return link.Entry;
            }
        }

        return null;
    }

    private ReplyMatch FindQuoted(ReadOnlySpan<byte> frame, in PacketOutline error)
    {
        PacketOutline quoted = OutlineReader.ReadQuoted(frame, error);
        if (!_quotations.TryGetValue(ExchangeKey.OfQuotation(quoted), out ProbeChain? chain))
        {
            return default;
        }

        return new(FindQuoted(quoted, chain.Waiting) ?? FindQuoted(quoted, chain.Done), IsError: true);
    }

    private static ProbeEntry? FindQuoted(in PacketOutline quoted, ProbeList list)
    {
        ProbeEntry? best = null;
        int bestFit = 0;
        int candidates = 0;
        for (ProbeLink? link = list.First; link is not null && bestFit < 3; link = link.Next)
        {
            int fit = ReplyRules.QuotationFit(quoted, link.Entry.Outline);
            candidates += fit > 0 ? 1 : 0;
            if (fit > bestFit)
            {
                (best, bestFit) = (link.Entry, fit);
            }
        }

        // An identification that fits none of several does not tell which of them is meant.
        return bestFit == 1 && candidates > 1 ? null : best;
    }

    private static ProbeLink? Link(Dictionary<ExchangeKey, ProbeChain> chains, in ExchangeKey key, ProbeEntry entry)
    {
        if (key.Kind == ExchangeKind.None)
        {
            return null;
        }

        if (!chains.TryGetValue(key, out ProbeChain? chain))
        {
            chains.Add(key, chain = new ProbeChain(key));
        }

        return chain.Append(entry);
    }

    private static void Unlink(Dictionary<ExchangeKey, ProbeChain> chains, ProbeLink? link)
    {
        link?.Remove();
        if (link is { Chain.IsEmpty: true })
        {
            chains.Remove(link.Chain.Key);
        }
    }
}

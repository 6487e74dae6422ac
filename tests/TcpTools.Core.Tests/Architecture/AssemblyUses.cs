using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace TcpTools.Tests.Architecture;

/// <summary>One type of an assembly mentions another type, or a member of it.</summary>
/// <param name="From">Full name of the outermost type that mentions.</param>
/// <param name="FromNamespace">Its namespace.</param>
/// <param name="To">Full name of the type that is mentioned.</param>
/// <param name="ToNamespace">Its namespace.</param>
/// <param name="Member">The member, or empty.</param>
internal sealed record TypeUse(string From, string FromNamespace, string To, string ToNamespace, string Member);

/// <summary>
/// All mentions of types in a built assembly: in declarations, in signatures, and in the code of methods, token by token.
/// Constants leave no trace there, because the compiler copies their values.
/// </summary>
internal sealed class AssemblyUses : ISignatureTypeProvider<int, int>
{
    private static readonly OpCode?[] OneByte = new OpCode?[256];
    private static readonly OpCode?[] TwoBytes = new OpCode?[256];

    private readonly HashSet<TypeUse> _uses = [];
    private readonly MetadataReader _metadata;
    private string _from = "";
    private string _fromNamespace = "";

    static AssemblyUses()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            (code.Size == 1 ? OneByte : TwoBytes)[code.Value & 0xFF] = code;
        }
    }

    private AssemblyUses(MetadataReader metadata) => _metadata = metadata;

    public static IReadOnlyCollection<TypeUse> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = new AssemblyUses(file.GetMetadataReader());
        foreach (TypeDefinitionHandle handle in reader._metadata.TypeDefinitions)
        {
            reader.ReadType(handle, file);
        }

        return reader._uses;
    }

    private void ReadType(TypeDefinitionHandle handle, PEReader file)
    {
        (_fromNamespace, _from) = NameOf(handle);
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        Mention(type.BaseType);
        foreach (InterfaceImplementationHandle i in type.GetInterfaceImplementations())
        {
            Mention(_metadata.GetInterfaceImplementation(i).Interface);
        }

        ReadConstraints(type.GetGenericParameters());
        foreach (FieldDefinitionHandle f in type.GetFields())
        {
            _metadata.GetFieldDefinition(f).DecodeSignature(this, 0);
        }

        foreach (MethodDefinitionHandle m in type.GetMethods())
        {
            MethodDefinition method = _metadata.GetMethodDefinition(m);
            method.DecodeSignature(this, 0);
            ReadConstraints(method.GetGenericParameters());
            if (method.RelativeVirtualAddress != 0)
            {
                ReadBody(file.GetMethodBody(method.RelativeVirtualAddress));
            }
        }
    }

    private void ReadConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterConstraintHandle constraint in
            parameters.SelectMany(p => _metadata.GetGenericParameter(p).GetConstraints()))
        {
            Mention(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private void ReadBody(MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, 0);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Mention(region.CatchType);
        }

        BlobReader il = body.GetILReader();
        while (il.RemainingBytes > 0)
        {
            byte first = il.ReadByte();
            OpCode code = (first == 0xFE ? TwoBytes[il.ReadByte()] : OneByte[first])
                ?? throw new BadImageFormatException("An instruction that is none.");
            switch (code.OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case OperandType.InlineSwitch:
                    int targets = il.ReadInt32();
                    il.Offset += targets * 4;
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Mention(MetadataTokens.EntityHandle(il.ReadInt32()));
                    break;
                default:
                    il.Offset += 4;
                    break;
            }
        }
    }

    private void Mention(EntityHandle handle, string member = "")
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
            case HandleKind.TypeReference:
                (string ns, string name) = handle.Kind == HandleKind.TypeDefinition
                    ? NameOf((TypeDefinitionHandle)handle)
                    : NameOf((TypeReferenceHandle)handle);
                _uses.Add(new TypeUse(_from, _fromNamespace, name, ns, member));
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, 0);
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Mention(method.GetDeclaringType(), _metadata.GetString(method.Name));
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Mention(field.GetDeclaringType(), _metadata.GetString(field.Name));
                break;
            case HandleKind.MemberReference:
                MemberReference reference = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Mention(reference.Parent, _metadata.GetString(reference.Name));
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Mention(specification.Method);
                specification.DecodeSignature(this, 0);
                break;
            default:
                break;
        }
    }

    /// <summary>A nested type lives where its outermost one does.</summary>
    private (string Namespace, string Name) NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        string ns = _metadata.GetString(type.Namespace);
        return (ns, $"{ns}.{_metadata.GetString(type.Name)}");
    }

    private (string Namespace, string Name) NameOf(TypeReferenceHandle handle)
    {
        TypeReference type = _metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        string ns = _metadata.GetString(type.Namespace);
        return (ns, $"{ns}.{_metadata.GetString(type.Name)}");
    }

    int ISimpleTypeProvider<int>.GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

    int ISimpleTypeProvider<int>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        Mention(handle);
        return 0;
    }

    int ISimpleTypeProvider<int>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        Mention(handle);
        return 0;
    }

    int ISignatureTypeProvider<int, int>.GetTypeFromSpecification(
        MetadataReader reader, int genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
    {
        Mention(handle);
        return 0;
    }

    int ISZArrayTypeProvider<int>.GetSZArrayType(int elementType) => 0;

    int IConstructedTypeProvider<int>.GetArrayType(int elementType, ArrayShape shape) => 0;

    int IConstructedTypeProvider<int>.GetByReferenceType(int elementType) => 0;

    int IConstructedTypeProvider<int>.GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

    int IConstructedTypeProvider<int>.GetPointerType(int elementType) => 0;

    int ISignatureTypeProvider<int, int>.GetFunctionPointerType(MethodSignature<int> signature) => 0;

    int ISignatureTypeProvider<int, int>.GetGenericMethodParameter(int genericContext, int index) => 0;

    int ISignatureTypeProvider<int, int>.GetGenericTypeParameter(int genericContext, int index) => 0;

    int ISignatureTypeProvider<int, int>.GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

    int ISignatureTypeProvider<int, int>.GetPinnedType(int elementType) => 0;
}
